"""The life of a publication: its states, the one table of moves, and the one function that writes.

A worker writes only while it holds the publication's row of work (lease and fence); a person's
decision is written only over the state it was made from. Whoever comes second is told by LostHold.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, get_args
from uuid import UUID

from sqlalchemy import Row, select, update

from palabre.db.door import Tx
from palabre.domains.publishing.tables import publications
from palabre.outbox import events, work
from palabre.outbox.work import Claimed
from palabre.sdk.events import PublicationChanged

State = Literal[
    "scheduled",
    "held",
    "claimed",
    "preparing",
    "sending",
    "processing",
    "unknown",
    "published",
    "failed",
    "cancelled",
    "removed",
]
PublicState = Literal[
    "scheduled",
    "held",
    "publishing",
    "checking",
    "published",
    "failed",
    "cancelled",
    "removed",
]
STATES: Final[tuple[State, ...]] = get_args(State)

_FROM_NOTHING_SENT: Final[tuple[State, ...]] = ("scheduled", "held", "failed")
TABLE: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        "scheduled": frozenset({"claimed", "held", "cancelled"}),
        "held": frozenset({"scheduled", "held", "cancelled"}),
        "claimed": frozenset({"claimed", "preparing", "sending", *_FROM_NOTHING_SENT}),
        "preparing": frozenset({"claimed", "sending", "published", *_FROM_NOTHING_SENT}),
        "sending": frozenset({"published", "processing", "unknown", *_FROM_NOTHING_SENT}),
        "processing": frozenset({"published", "failed", "unknown"}),
        "unknown": frozenset({"published", "scheduled", "unknown", "failed"}),
        "published": frozenset({"removed"}),
        "failed": frozenset({"scheduled"}),
        "cancelled": frozenset(),
        "removed": frozenset(),
    }
)
"""From ``sending`` back to an earlier state only after a definite refusal, or when nothing left."""

MAY_BE_OUT: Final[frozenset[State]] = frozenset({"sending", "processing", "unknown"})
"""States in which a send may be on its way or at the platform."""

_PUBLIC: Final[dict[State, PublicState]] = {
    "claimed": "publishing",
    "preparing": "publishing",
    "sending": "publishing",
    "processing": "publishing",
    "unknown": "checking",
}


class IllegalMove(Exception):
    """Core tried a move that the table does not have: a mistake of ours."""


class LostHold(Exception):
    """Somebody else holds the row, or its state is no longer the one we saw. Stop quietly."""


def public(state: State) -> PublicState:
    """Return the state people see."""
    return _PUBLIC.get(state, state)  # type: ignore[arg-type]  # the rest is public


def stored(state: PublicState) -> tuple[State, ...]:
    """Return the stored states behind a public one."""
    return tuple(name for name in STATES if public(name) == state)


async def read(tx: Tx, publication_id: UUID) -> Row[Any]:
    """Return the publication.

    Raises:
        NotFound: The scope does not see it.
    """
    query = select(publications).where(tx.here(publications), publications.c.id == publication_id)
    return await tx.one(query)


async def move(
    tx: Tx,
    publication: Row[Any],
    to: State,
    *,
    claimed: Claimed | None = None,
    **values: Any,
) -> None:
    """Write the next state, and what came with it.

    Args:
        tx: An open transaction.
        publication: The row as it was read; its state must still be the stored one.
        to: The next state.
        claimed: The worker's hold; None for a person's decision.
        values: Further columns.

    Raises:
        IllegalMove: The table has no such move.
        LostHold: The hold or the state is gone.
    """
    if to not in TABLE[publication.state]:
        raise IllegalMove(f"{publication.state} -> {to}")
    if claimed is not None and not await work.holds(tx, claimed):
        raise LostHold
    changed = await tx.execute(
        update(publications)
        .where(tx.here(publications), publications.c.id == publication.id)
        .where(publications.c.state == publication.state)
        .values(state=to, **values)
    )
    if not changed.rowcount:
        raise LostHold
    if public(to) != public(publication.state) or values.get("needs_person"):
        await _tell(tx, publication, to, values)


async def _tell(tx: Tx, publication: Row[Any], to: State, values: Mapping[str, Any]) -> None:
    await events.emit(
        tx,
        PublicationChanged,
        publication_id=str(publication.id),
        account_id=str(publication.account_id),
        state=public(to),
        remote_id=values.get("remote_id") or "",
        url=values.get("permalink") or "",
    )
