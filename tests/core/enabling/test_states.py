"""What plugins remember: per plugin and subject, and only while their claim holds."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from palabre.base.ids import new_id
from palabre.domains.enabling.sources import FenceLost, PluginStates
from palabre.domains.runtime import Runtime
from palabre.outbox import work
from palabre.plugins.context import Subject
from tests.support.api import World, scope_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def _subject(world: World, kind: str, subject_id: UUID, fence: int = 0) -> Subject:
    return Subject(
        agency_id=world.agency.id,
        client_id=world.client_id,
        kind=kind,
        id=subject_id,
        fence=fence,
    )


async def test_each_plugin_and_subject_has_its_own_corner(runtime: Runtime, world: World) -> None:
    states = PluginStates(runtime)
    here, there = (_subject(world, "account", new_id()) for _ in range(2))
    neighbour = Subject(agency_id=world.agency.id, client_id=world.neighbour_id, id=here.id)
    await states.put(here, "facebook", "cursor", "1")
    await states.put(here, "facebook", "cursor", "2")
    assert await states.get(here, "facebook", "cursor") == "2"
    for subject, plugin, key in (
        (there, "facebook", "cursor"),
        (here, "other", "cursor"),
        (here, "facebook", "other"),
        (neighbour, "facebook", "cursor"),
    ):
        assert await states.get(subject, plugin, key) is None


async def test_who_lost_the_claim_cannot_write(runtime: Runtime, world: World) -> None:
    states, publication = PluginStates(runtime), new_id()
    async with runtime.database.transaction(await scope_of(world)) as tx:
        await work.put(tx, "media", "publication", publication, LONG_AGO)
    claimed = await work.claim(runtime.database, "media", limit=99, lease_s=60, per_client=9)
    held = next(one for one in claimed if one.subject_id == publication)
    mine = _subject(world, "publication", publication, held.fence)
    await states.put(mine, "facebook", "upload", "1")
    old = _subject(world, "publication", publication, held.fence + 1)
    with pytest.raises(FenceLost):
        await states.put(old, "facebook", "upload", "2")
    assert await states.get(mine, "facebook", "upload") == "1"
