"""Signs the heads of all chains every five minutes and keeps them outside of the database.

Whoever can change every row still cannot change what was signed and kept elsewhere.
"""

import asyncio
import hashlib
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct
from sqlalchemy import text

from palabre.audit.formats import anchor_text
from palabre.db.door import Database

_log = structlog.get_logger(__name__)
EVERY: Final = timedelta(minutes=5)
_LABEL: Final = b"palabre audit anchors"
Head = tuple[str, str | None, int, str]
"""Agency, client (None: the agency's own chain), number and hash of the newest entry."""


class Anchor(Struct, frozen=True, kw_only=True):
    """One line of a log of anchors; ``prev`` is the hash of the one before."""

    at: int
    prev: str
    heads: list[Head]
    key: str
    signature: str

    @property
    def hash(self) -> str:
        """What the next anchor refers to."""
        return hashlib.sha256(anchor_text(self.at, self.prev, self.heads)).hexdigest()

    @property
    def moment(self) -> datetime:
        """When it was signed."""
        return datetime.fromtimestamp(self.at / 1000, UTC)


class AnchorStore(Protocol):
    """Keeps anchors where the database's administrator cannot change them: append only."""

    def alone(self) -> AbstractContextManager[bool]:
        """Enter as the only writer; False when another process is one."""
        ...

    def newest(self) -> bytes | None:
        """Return the newest whole line, None when there is none yet."""
        ...

    def day(self, day: str) -> list[bytes]:
        """Return the lines of a day, written ``yyyymmdd``, oldest first."""
        ...

    def append(self, day: str, line: bytes) -> None:
        """Add a line to a day; it is durable on return."""
        ...


class Anchorer:
    """Anchors the chains of one database."""

    def __init__(self, database: Database, store: AnchorStore, signing_key: str) -> None:
        """Prepare.

        Args:
            database: Whose chains.
            store: Where anchors are kept.
            signing_key: Secret of the installation, from which the key of anchors is derived.
        """
        self._database = database
        self._store = store
        self._key = _private(signing_key)
        self._next: datetime | None = None

    async def tick(self, now: datetime) -> int:
        """Anchor when it is due, at most one process at a time; return how many heads.

        A store that fails stops nothing else: it is logged, and tried again at the next tick.
        """
        if self._next is not None and now < self._next:
            return 0
        try:
            anchor = await self.anchor(now, force=False)
        except OSError as error:
            _log.error("audit_anchor_failed", reason=str(error))
            return 0
        return len(anchor.heads) if anchor else 0

    async def anchor(self, now: datetime, *, force: bool = True) -> Anchor | None:
        """Sign and keep the heads that moved since the day's first anchor, which has all of them.

        Returns:
            The anchor; None when another process writes one, or without ``force`` when the newest
            one is of this day and younger than five minutes.
        """
        with self._store.alone() as alone:
            if not alone:
                return None
            last = _read(self._store.newest())
            if not force and last and now < _due(last):
                self._next = _due(last)
                return None
            now = max(now, last.moment) if last else now
            heads = await self._heads()
            moved = await asyncio.to_thread(self._moved, now, last, heads)
            anchor = self._sign(now, last, moved)
            await asyncio.to_thread(self._store.append, _day(now), msgspec.json.encode(anchor))
        self._next = _due(anchor)
        return anchor

    async def _heads(self) -> list[Head]:
        async with self._database.unscoped() as tx:
            rows = await tx.all(text("SELECT * FROM audit_heads_for_anchor()"))
        heads = [
            (str(r.agency_id), str(r.client_id) if r.client_id else None, r.n, r.hash.hex())
            for r in rows
        ]
        return sorted(heads, key=lambda head: (head[0], head[1] or ""))

    def _moved(self, now: datetime, last: Anchor | None, heads: list[Head]) -> list[Head]:
        """Leave out what today's anchors say already; say loudly when a chain went back."""
        day = _day(last.moment) if last else ""
        known = {
            (agency, client): (n, hash_)
            for line in self._store.day(day)
            if (anchor := _read(line))
            for agency, client, n, hash_ in anchor.heads
        }
        for agency, client, n, hash_ in heads:
            before = known.get((agency, client), (0, ""))
            if n <= before[0] and (n, hash_) != before:
                _log.error("audit_chain_went_back", agency=agency, client=client, n=n)
        if day != _day(now):
            return heads
        return [head for head in heads if known.get(head[:2]) != head[2:]]

    def _sign(self, now: datetime, last: Anchor | None, heads: list[Head]) -> Anchor:
        at, prev = int(now.timestamp() * 1000), last.hash if last else ""
        return Anchor(
            at=at,
            prev=prev,
            heads=heads,
            key=self._key.public_key().public_bytes_raw().hex(),
            signature=self._key.sign(anchor_text(at, prev, heads)).hex(),
        )


def public_key(signing_key: str) -> str:
    """Return the key that anchors are checked with, as hex."""
    return _private(signing_key).public_key().public_bytes_raw().hex()


def _private(signing_key: str) -> Ed25519PrivateKey:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_LABEL).derive(
        signing_key.encode()
    )
    return Ed25519PrivateKey.from_private_bytes(derived)


def _day(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%d")


def _due(last: Anchor) -> datetime:
    """Five minutes later or at the end of its day, which the next day's first anchor closes."""
    midnight = last.moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return min(last.moment + EVERY, midnight)


def _read(line: bytes | None) -> Anchor | None:
    """Return the anchor of a line, None for one torn by a crash."""
    try:
        return msgspec.json.decode(line, type=Anchor) if line else None
    except msgspec.DecodeError:
        return None
