"""Definer functions see across clients, so they return ids and nothing else."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Row, text

from palabre.db import pinned
from palabre.db.door import Database, Tx
from tests.isolation.matrix import seed_of_the_run
from tests.isolation.rows import World, fill, new_world
from tests.support.databases import ROLES, DatabaseUrls

OURS = {
    ("kind", "text"),
    ("role", "text"),
    ("hash", "bytea"),
    ("database", "text"),
    ("state", "text"),
}
"""Columns that functions may return beside ids and numbers: our code's words, our chain's hash."""
PLAIN = {"uuid", "integer", "bigint", "boolean"}


def columns(definer: pinned.Definer) -> list[tuple[str, str]]:
    """Return name and type of each column a function returns."""
    if not definer.returns.startswith("TABLE("):
        return [("", definer.returns)]
    inside = definer.returns.removeprefix("TABLE(").removesuffix(")")
    return [tuple(part.split(" ", 1)) for part in inside.split(", ")]  # type: ignore[misc]


CALLED = [signature for signature, definer in pinned.DEFINERS.items() if definer.called]


@pytest.mark.parametrize("signature", CALLED)
def test_a_function_returns_ids_and_our_own_words(signature: str) -> None:
    for name, kind in columns(pinned.DEFINERS[signature]):
        assert kind in PLAIN or (name, kind) in OURS


@pytest.fixture
async def seeded(fresh_database_urls: DatabaseUrls) -> tuple[World, Database]:
    """A world where everything is due, so that every function has something to tell."""
    world = new_world(seed_of_the_run())
    database = Database(fresh_database_urls.app, pool_size=1)
    await fill(world, database)
    admin = await asyncpg.connect(fresh_database_urls.admin)
    await admin.execute(
        "UPDATE work SET queue = 'publish', state = 'waiting', kind = 'post', due_at = now()"
    )
    await admin.execute("UPDATE schedules SET enabled = true, next_due_at = now()")
    await admin.execute("UPDATE events SET relayed_at = NULL")
    await admin.execute("UPDATE memberships SET role = 'editor'")
    await admin.execute("UPDATE silos SET database = 'palabre_silo_1', state = 'active'")
    await admin.execute(
        "UPDATE custom_domains SET host = 'publish', state = 'verified' "
        "WHERE id = (SELECT id FROM custom_domains LIMIT 1)"
    )
    await admin.close()
    return world, database


def arguments(world: World, kind: str) -> list[Any]:
    """Return arguments of that type that point at rows of the other agency."""
    if kind == "uuid":
        attempts = world.rows["connect_attempts"]["B1"]
        members = world.rows["memberships"]["B1"]
        return [row["id"] for row in attempts] + [row["user_id"] for row in members]
    if kind == "bytea":
        attempts = world.rows["connect_attempts"]["B1"]
        invited = world.rows["invitations"]["B0"]
        return [row["state_hash"] for row in attempts] + [row["hash"] for row in invited]
    if kind == "text":
        return ["publish"] + [row["kid"] for row in world.rows["api_keys"]["B1"]]
    plain = {"integer": 100, "double precision": 60.0, "text[]": ["hook"]}
    return [plain[kind]]


class Undo(Exception):
    """Leaves everything due for the next function."""


async def undone(
    opened: AbstractAsyncContextManager[Tx], call: str, values: dict[str, Any]
) -> Sequence[Row[Any]]:
    """Return what a call tells, and undo what it did."""
    rows: Sequence[Row[Any]] = []
    with suppress(Undo):
        async with opened as tx:
            rows = await tx.all(text(f"SELECT * FROM {call}"), values)
            raise Undo
    return rows


@pytest.mark.parametrize("scoped", [True, False], ids=["other agency", "no scope"])
async def test_a_call_tells_no_canary(seeded: tuple[World, Database], *, scoped: bool) -> None:
    world, database = seeded
    me = world.owners["A1"]
    for signature in CALLED:
        told = 0
        for call, values in calls(world, signature):
            opened = database.transaction(me.scope()) if scoped else database.unscoped()
            rows = await undone(opened, call, values)
            told += len(rows)
            assert "cny" not in str(rows), signature
        assert told, f"{signature} had nothing to tell, so this proves nothing"
    await database.close()


def calls(world: World, signature: str) -> list[tuple[str, dict[str, Any]]]:
    """Return calls of a function, each with its values."""
    name, _, rest = signature.partition("(")
    kinds = [kind for kind in rest.removesuffix(")").split(",") if kind]
    choices = [arguments(world, kind) for kind in kinds]
    holes = ", ".join(f"CAST(:p{i} AS {kind})" for i, kind in enumerate(kinds))
    return [
        (
            f"{name}({holes})",
            {f"p{i}": options[n % len(options)] for i, options in enumerate(choices)},
        )
        for n in range(max(map(len, choices), default=1))
    ]


@pytest.mark.parametrize("field", ["owner", "migrate", "claimer", "lookup", "search", "backup"])
async def test_the_application_cannot_become_another_role(
    database_urls: DatabaseUrls, field: str
) -> None:
    connection = await asyncpg.connect(database_urls.app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(f"SET ROLE {getattr(ROLES, field)}")
    await connection.close()


async def test_the_trigger_of_the_audit_cannot_be_called(database_urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(database_urls.app)
    with pytest.raises(asyncpg.PostgresError):
        await connection.execute("SELECT audit_append()")
    await connection.close()
