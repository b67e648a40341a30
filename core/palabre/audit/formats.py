"""The formats of exports and anchors: what is hashed and signed, to the byte.

Standard library only: the verifier needs this file and ``verify.py``, nothing else of ours.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

EXPORT_FORMAT: Final = "palabre-audit-export"
EXPORT_VERSION: Final = 1
ENTRY_LABEL: Final = "palabre-audit-v1"
ANCHOR_LABEL: Final = "palabre-anchor-v1"
ENTRY_FIELDS: Final = (
    "agency",
    "client",
    "id",
    "n",
    "at",
    "actor_kind",
    "actor_id",
    "action",
    "target_kind",
    "target_id",
    "details",
    "personal_digest",
    "prev",
)
"""What an entry's hash covers, in this order; ``at`` in milliseconds since 1970, bytes as hex."""
Chain = tuple[str, str | None]
"""Agency and client; the agency's own chain has no client."""


class Bad(Exception):
    """The first thing that is wrong: where, and why."""

    def __init__(self, where: str, why: str, *, n: int | None = None) -> None:
        self.where, self.why, self.n = where, why, n
        super().__init__(f"{where}: {why}")


def canonical(*fields: str | None) -> str:
    """Return length-prefixed fields: no two different rows have the same text."""
    return ",".join(
        ["-" if f is None else f"{len(f) if f.isascii() else len(f.encode())}:{f}" for f in fields]
    )


def personal_digest(salt: bytes, actor_name: str, ip: str, user_agent: str) -> bytes:
    """Return what the chain keeps of the personal side row: a salted digest."""
    digest = hashlib.sha256(salt)
    for value in (actor_name, ip, user_agent):
        raw = value.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


def anchor_text(at: int, prev: str, heads: Iterable[tuple[str, str | None, int, str]]) -> bytes:
    """Return what is signed: time, the anchor before, and agency, client, n and hash per head."""
    flat: list[str | None] = []
    for agency, client, n, head in heads:
        flat += [agency, client, str(n), head]
    return canonical(ANCHOR_LABEL, str(at), prev, str(len(flat) // 4), *flat).encode()


def name_of(chain: Chain) -> str:
    """Return how a chain is called in reports."""
    return f"client {chain[1]}" if chain[1] else f"agency {chain[0]}"
