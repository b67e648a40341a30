"""The audit chain: without gaps under parallel writers, append-only, and checkable outside."""

import asyncio
import hashlib
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from palabre.audit.read import entries
from palabre.audit.record import personal_digest, record
from palabre.base.ids import new_id
from palabre.db.scope import Actor, Scope
from palabre.domains.runtime import Runtime
from tests.support.api import World

AWA = Actor(kind="user", id=new_id(), name="Awa | Diop", ip="1.2.3.4", user_agent="Firefox")


def _scope(world: World) -> Scope:
    return Scope.of_client(world.agency.id, world.client_id, AWA)


async def _append(runtime: Runtime, world: World, **details: Any) -> None:
    async with runtime.database.transaction(_scope(world)) as tx:
        record(tx, "pieces.edit", "piece", new_id(), **details)


async def _rows(runtime: Runtime, world: World) -> list[Any]:
    async with runtime.database.transaction(_scope(world)) as tx:
        return (await entries(tx, client_id=world.client_id, limit=200))[::-1]


def _canonical(*fields: str | None) -> str:
    return ",".join("-" if f is None else f"{len(f.encode())}:{f}" for f in fields)


def _hash(row: Any, raw_details: str) -> bytes:
    milliseconds = str(round(row.at.timestamp() * 1000))
    text_of_row = _canonical(
        "palabre-audit-v1",
        str(row.agency_id),
        str(row.client_id),
        str(row.id),
        str(row.n),
        milliseconds,
        row.actor_kind,
        str(row.actor_id) if row.actor_id else None,
        row.action,
        row.target_kind,
        str(row.target_id) if row.target_id else None,
        raw_details,
        row.personal_digest.hex(),
        row.prev.hex(),
    )
    return hashlib.sha256(text_of_row.encode()).digest()


@pytest.mark.one_home
async def test_twenty_parallel_writers_leave_no_gap(runtime: Runtime, world: World) -> None:
    await asyncio.gather(*(_append(runtime, world, number=n) for n in range(20)))
    rows = await _rows(runtime, world)
    assert [row.n for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == 21
    assert all(row.prev == before.hash for before, row in pairwise(rows))


async def test_the_chain_can_be_recomputed_outside_of_the_database(
    runtime: Runtime, world: World
) -> None:
    await _append(runtime, world, text="Élan, 3:b", nested={"a": [1, None]})
    query = text("SELECT id, details::text AS raw FROM audit_entries")
    async with runtime.database.transaction(_scope(world)) as tx:
        raw = {row.id: row.raw for row in await tx.all(query)}
        people = await tx.all(text("SELECT * FROM audit_personal"))
    for row in await _rows(runtime, world):
        assert row.hash == _hash(row, raw[row.id])
        side = next(person for person in people if person.id == row.id)
        digest = personal_digest(side.salt, side.actor_name, side.ip, side.user_agent)
        assert digest == row.personal_digest


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'other'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "UPDATE audit_heads SET n = 0",
        "UPDATE audit_personal SET actor_name = 'other'",
        "INSERT INTO audit_entries (agency_id, client_id, id, n, at, actor_kind, action,"
        " target_kind, details, personal_digest, prev, hash) VALUES (gen_random_uuid(), NULL,"
        " gen_random_uuid(), 1, now(), 'user', 'x', 'x', '{}', '', '', '')",
    ],
)
async def test_the_application_cannot_rewrite_the_chain(
    runtime: Runtime, world: World, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        async with runtime.database.transaction(_scope(world)) as tx:
            await tx.execute(text(statement))


@pytest.mark.one_home
async def test_erasing_the_person_keeps_the_chain(runtime: Runtime, world: World) -> None:
    await _append(runtime, world)
    async with runtime.database.transaction(_scope(world)) as tx:
        await tx.execute(text("DELETE FROM audit_personal"))
    rows = await _rows(runtime, world)
    assert rows[-1].actor_name is None
    assert rows[-1].prev == rows[-2].hash


async def test_an_action_that_fails_leaves_no_entry(runtime: Runtime, world: World) -> None:
    before = len(await _rows(runtime, world))
    with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tried
        async with runtime.database.transaction(_scope(world)) as tx:
            record(tx, "pieces.edit", "piece", None)
            raise RuntimeError
    assert len(await _rows(runtime, world)) == before
