"""What each person wants to be told, and how. It holds in every agency they belong to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from palabre.audit.record import record
from palabre.db.door import Tx
from palabre.domains.notifications.kinds import CHOSEN, DEFAULTS, Channels, Chosen, Kind
from palabre.domains.notifications.tables import notification_preferences as preferences


class Preference(Struct, frozen=True, kw_only=True):
    """Where one kind of notice reaches the person."""

    kind: Chosen
    in_app: bool
    email: bool


async def read(tx: Tx, user_id: UUID) -> list[Preference]:
    """Return what a person chose, or has by default, for every kind."""
    chosen = await of_people(tx, [user_id])
    return [_shown(kind, channels(chosen, user_id, kind)) for kind in CHOSEN]


async def choose(tx: Tx, user_id: UUID, wanted: Sequence[Preference]) -> list[Preference]:
    """Store what a person wants for some kinds; the others stay. Return all."""
    for one in wanted:
        values = {"in_app": one.in_app, "email": one.email}
        await tx.execute(
            insert(preferences)
            .values(user_id=user_id, kind=one.kind, **values)
            .on_conflict_do_update(
                index_elements=["user_id", "kind"], set_={**values, "updated_at": func.now()}
            )
        )
    record(tx, "notices.choose", "user", user_id, kinds=sorted(one.kind for one in wanted))
    return await read(tx, user_id)


Choices = Mapping[tuple[UUID, str], Channels]


async def of_people(tx: Tx, user_ids: Sequence[UUID]) -> Choices:
    """Return what these people chose, by person and kind."""
    rows: list[Any] = await tx.all(
        select(preferences).where(preferences.c.user_id.in_(list(user_ids)))
    )
    return {(row.user_id, row.kind): Channels(in_app=row.in_app, email=row.email) for row in rows}


def channels(choices: Choices, user_id: UUID, kind: Kind) -> Channels:
    """Return where a kind reaches a person: as chosen, else by default."""
    return choices.get((user_id, kind), DEFAULTS[kind])


def _shown(kind: Chosen, where: Channels) -> Preference:
    return Preference(kind=kind, in_app=where.in_app, email=where.email)
