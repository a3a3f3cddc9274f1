"""Certificates for the tests' servers and clients, signed by a CA of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """Files: a CA, another one, and what the first has signed: a server named localhost and 127.0.0.1, and a client."""

    ca: Path
    other_ca: Path
    client: Path
    server: Path


def made_in(folder: Path) -> Certificates:
    """New ones in this folder."""
    ca, other = trustme.CA(), trustme.CA()
    made = Certificates(folder / "ca.pem", folder / "other.pem", folder / "client.pem", folder / "server.pem")
    ca.cert_pem.write_to_path(made.ca)
    other.cert_pem.write_to_path(made.other_ca)
    ca.issue_cert("client.example.org").private_key_and_cert_chain_pem.write_to_path(made.client)
    ca.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(made.server)
    return made
