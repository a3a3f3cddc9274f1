"""Events that wait on disk, so that they outlive the process: a table in SQLite, written ahead and synced.

What `put` returned for is on disk and goes out, by this process or by the next one that opens the spool. A row is
forgotten when a server has confirmed it; a crash in between sends it twice.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgpack  # type: ignore[import-untyped]

from doorlog.errors import OutputFailed, UsageError
from doorlog.forward.batch import BATCH_BYTES, BATCH_EVENTS, Batch, Owner, Receipt, Row
from doorlog.forward.connection import Stop
from doorlog.forward.waiting import TICK, joined

_TABLES = (
    "CREATE TABLE IF NOT EXISTS waiting"
    " (id INTEGER PRIMARY KEY AUTOINCREMENT, tag TEXT NOT NULL, events INTEGER NOT NULL, entries BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS by_tag ON waiting (tag, id)",
)
_FIRST_TAG = "SELECT tag FROM waiting ORDER BY id LIMIT 1"
_OF_TAG = "SELECT id, events, entries FROM waiting WHERE tag = ? ORDER BY id"
_PAGE = 4096
_SETTINGS = (
    f"PRAGMA page_size = {_PAGE}",
    # One process has the spool: no other may send the same rows.
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    # A commit is on the disk, not only with the system, when it returns.
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 4194304",
)


class Spool:
    """A queue on disk, bounded in bytes: while it, or the disk, is full, nothing more is taken in."""

    kept = True

    def __init__(self, path: Path, bytes: int, stop: Stop = lambda: None) -> None:
        self._path, self._bytes, self._stop = path, bytes, stop
        self._database = _opened(path, bytes)
        self._owners: dict[int, list[Owner]] = {}
        # Rows that are settled while the disk has no room to write that down.
        self._settled: list[int] = []
        self._closed = False
        self._changed = threading.Condition()
        self._size: int
        self._events: int
        self._size, self._events = self._database.execute(
            "SELECT coalesce(sum(length(entries)), 0), coalesce(sum(events), 0) FROM waiting"
        ).fetchone()

    @property
    def waiting(self) -> int:
        return self._events

    def put(self, rows: list[Row], check: Callable[[], None]) -> None:
        size, events = sum(row.size for row in rows), sum(len(row.entries) for row in rows)
        with self._changed:
            check()
            while not (self.room() and self._stored(rows)):
                self._in_time()
                self._changed.wait(TICK)
                check()
            self._size += size
            self._events += events
            self._changed.notify_all()

    def force(self, row: Row) -> None:
        self.put([row], lambda: None)

    def room(self) -> bool:
        return self._size < self._bytes

    def take(self) -> Batch | None:
        with self._changed:
            while not self._closed:
                rows = self._first()
                if rows:
                    return joined([row for _, row in rows], tuple(number for number, _ in rows))
                self._changed.wait(TICK)
            return None

    def settled(self, batch: Batch) -> None:
        with self._changed:
            self._settled += batch.rows
            self._size -= sum(map(len, batch.entries))
            self._events -= len(batch.entries)
            for number in batch.rows:
                self._owners.pop(number, None)
            self._written(lambda: None)
            self._changed.notify_all()

    def hurry(self) -> None:
        """Nothing lingers here: what waits goes out as soon as what is under way is confirmed."""

    def close(self) -> None:
        with self._changed:
            if not self._closed:
                self._closed = True
                self._written(lambda: None)
                self._database.close()
            self._changed.notify_all()

    def _stored(self, rows: list[Row]) -> bool:
        """Whether the rows are on the disk now, all of them."""
        return self._written(lambda: self._insert(rows))

    def _insert(self, rows: list[Row]) -> None:
        for row in rows:
            number = self._database.execute(
                "INSERT INTO waiting (tag, events, entries) VALUES (?, ?, ?)",
                (row.tag, len(row.entries), b"".join(row.entries)),
            ).lastrowid
            assert number is not None
            self._owners[number] = list(row.owners)

    def _written(self, change: Callable[[], None]) -> bool:
        """Whether there was room on the disk for the change, with what is settled out of the way."""
        for again in (False, True):
            try:
                if again:
                    # What is written ahead takes room, too, until it stands in the table.
                    self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                with self._database:
                    self._database.execute("BEGIN IMMEDIATE")
                    self._delete()
                    change()
            except sqlite3.OperationalError:
                continue
            self._settled.clear()
            return True
        if not self._events:
            self._start_anew()
        return False

    def _start_anew(self) -> None:
        """Where all is settled and a full disk has no room to write that down, the files themselves can go."""
        self._database.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)
        self._settled.clear()
        try:
            self._database = _opened(self._path, self._bytes)
        except UsageError as error:
            raise OutputFailed(str(error)) from None

    def _first(self) -> list[tuple[int, Row]]:
        """The oldest rows of the oldest row's tag that go into one message."""
        taken: list[tuple[int, Row]] = []
        size = events = 0
        done = set(self._settled)
        tag = self._database.execute(_FIRST_TAG).fetchone()
        for number, count, entries in self._database.execute(_OF_TAG, tag) if tag else ():
            if number in done:
                continue
            if taken and (size + len(entries) > BATCH_BYTES or events + count > BATCH_EVENTS):
                break
            owners = self._owners.get(number) or _nobodys(count)
            taken.append((number, Row(tag[0], list(_cut(entries)), len(entries), owners)))
            size += len(entries)
            events += count
        return taken

    def _delete(self) -> None:
        self._database.executemany("DELETE FROM waiting WHERE id = ?", [(number,) for number in self._settled])

    def _in_time(self) -> None:
        until = self._stop()
        if until is not None and time.monotonic() > until:
            raise OutputFailed(f"the spool {self._path} is full, or its disk")


def _opened(path: Path, bytes: int) -> sqlite3.Connection:
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        with _told(path):
            for setting in _SETTINGS:
                database.execute(setting)
            # Room for rows that are settled and not yet written over.
            database.execute(f"PRAGMA max_page_count = {max(64, 2 * bytes // _PAGE)}")
            for table in _TABLES:
                database.execute(table)
            # The first write takes the lock that keeps other processes out.
            database.execute("BEGIN IMMEDIATE")
            database.execute("COMMIT")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"--spool: can't write to {path}: {error.strerror}") from None
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UsageError(f"--spool: {path} is in use by another process") from None
        raise UsageError(f"--spool: can't write to {path}: {error}") from None
    except sqlite3.DatabaseError:
        raise UsageError(f"--spool: {path} is damaged, or no spool; move it away, and keep it") from None


def _nobodys(events: int) -> list[Owner]:
    """Owners for what an earlier process has put: nobody waits to hear of it."""
    receipt = Receipt(events, events)
    return [(receipt, 0)] * events


def _cut(entries: bytes) -> Iterator[bytes]:
    """The single entries of a blob."""
    unpacker = msgpack.Unpacker(max_buffer_size=len(entries))
    unpacker.feed(entries)
    at = 0
    while at < len(entries):
        unpacker.skip()
        yield entries[at : unpacker.tell()]
        at = unpacker.tell()
