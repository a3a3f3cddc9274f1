"""What one client of a relay is sent away for that takes a minute to see."""

from __future__ import annotations

import asyncio
from unittest.mock import MagicMock

import pytest

from doorlog.relay import session
from doorlog.relay.messages import Message, Nonsense
from doorlog.relay.server import SENT_AWAY
from doorlog.relay.session import Guard, Session


class Taking:
    async def admit(self, session: Session) -> None: ...

    async def take(self, message: Message, session: Session) -> None: ...


@pytest.mark.parametrize(("sent", "guard"), [(b"\x93\xa3tag", None), (b"", Guard(b"key", {}, b"here"))])
def test_a_client_that_falls_silent_in_the_middle_is_sent_away(
    sent: bytes, guard: Guard | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MID_MESSAGE", 0.05)
    writer = MagicMock()

    async def serve() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(sent)
        await Session(reader, writer, Taking(), 1000, guard).run()

    with pytest.raises(Nonsense, match=r"silent for 0\.05 s in the middle of a message") as raised:
        asyncio.run(serve())
    assert raised.value.reason == "silent"
    assert raised.value.reason in SENT_AWAY
    writer.close.assert_called_once()
