"""Pieces beside the API: what they tell, and what publishing keeps in step."""

from sqlalchemy import select

from palabre.audit.read import entries
from palabre.db.scope import Scope
from palabre.domains.content import service
from palabre.domains.runtime import Runtime
from palabre.outbox.tables import events
from tests.support.api import World, scope_of


async def told(runtime: Runtime, scope: Scope) -> list[str]:
    async with runtime.database.transaction(scope) as tx:
        rows = await tx.all(select(events).where(tx.here(events)).order_by(events.c.id))
    return [row.body["state"] for row in rows if row.name == "piece.changed"]


async def test_every_change_is_told_and_audited_once(runtime: Runtime, world: World) -> None:
    scope = await scope_of(world)
    async with runtime.database.transaction(scope) as tx:
        piece_id = await service.write(tx, text="one")
    async with runtime.database.transaction(scope) as tx:
        await service.change(tx, piece_id, 1, text="two")
    async with runtime.database.transaction(scope) as tx:
        await service.remove(tx, piece_id)
    async with runtime.database.transaction(scope) as tx:
        found = await entries(tx, client_id=world.client_id)
    actions = [entry.action for entry in found if entry.target_id == piece_id]
    assert sorted(actions) == ["piece.create", "piece.delete", "piece.edit"]
    assert all("two" not in str(entry.details) for entry in found), "no text in the chain"
    assert await told(runtime, scope) == ["draft", "draft"]


async def test_a_state_is_told_when_it_changes_only(runtime: Runtime, world: World) -> None:
    scope = await scope_of(world)
    async with runtime.database.transaction(scope) as tx:
        piece_id = await service.write(tx, text="one")
        for state in ("scheduled", "scheduled", "published"):
            await service.set_state(tx, piece_id, state)
        assert (await service.show(runtime, tx, piece_id)).state == "published"
        assert (await service.show(runtime, tx, piece_id)).version == 1
    assert await told(runtime, scope) == ["draft", "scheduled", "published"]
