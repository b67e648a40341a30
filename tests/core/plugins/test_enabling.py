"""What is remembered of enabling: never long, never across clients, never from before a change."""

import asyncio
from uuid import UUID

import pytest

from palabre.base.ids import new_id
from palabre.plugins.enabling import CEILING_S, EnabledCache

AGENCY, CLIENT, OTHER = new_id(), new_id(), new_id()


class Rows:
    """The rows of ``client_plugins`` as a test changes them, and how often they were read."""

    def __init__(self) -> None:
        self.enabled: dict[tuple[UUID, UUID], frozenset[str]] = {}
        self.reads = 0
        self.hold: asyncio.Event | None = None

    async def load(self, agency_id: UUID, client_id: UUID) -> frozenset[str]:
        self.reads += 1
        keys = self.enabled.get((agency_id, client_id), frozenset())
        if self.hold:
            await self.hold.wait()
        return keys


@pytest.fixture
def rows() -> Rows:
    """Return rows in which one plugin is on for one client."""
    rows = Rows()
    rows.enabled[AGENCY, CLIENT] = frozenset({"board"})
    return rows


async def test_read_once_within_the_ceiling(rows: Rows) -> None:
    cache = EnabledCache(rows.load)
    assert [await cache.get(AGENCY, CLIENT) for _ in range(3)] == [frozenset({"board"})] * 3
    assert rows.reads == 1


async def test_absent_means_off(rows: Rows) -> None:
    assert await EnabledCache(rows.load).get(AGENCY, OTHER) == frozenset()


async def test_client_asked_under_another_agency_is_read_anew(rows: Rows) -> None:
    cache = EnabledCache(rows.load)
    await cache.get(AGENCY, CLIENT)
    assert await cache.get(new_id(), CLIENT) == frozenset()


async def test_lost_message_counts_for_thirty_seconds_at_most(rows: Rows) -> None:
    clock = [0.0]
    cache = EnabledCache(rows.load, monotonic=lambda: clock[0])
    await cache.get(AGENCY, CLIENT)
    rows.enabled.clear()
    clock[0] = CEILING_S - 0.001
    assert await cache.get(AGENCY, CLIENT) == frozenset({"board"})
    clock[0] = CEILING_S
    assert CEILING_S == 30
    assert await cache.get(AGENCY, CLIENT) == frozenset()


async def test_invalidate_forgets_that_client_only(rows: Rows) -> None:
    cache = EnabledCache(rows.load)
    await cache.get(AGENCY, CLIENT)
    await cache.get(AGENCY, OTHER)
    rows.enabled.clear()
    cache.invalidate(CLIENT)
    assert await cache.get(AGENCY, CLIENT) == frozenset()
    await cache.get(AGENCY, OTHER)
    assert rows.reads == 3


async def test_clear_forgets_everybody(rows: Rows) -> None:
    cache = EnabledCache(rows.load)
    await cache.get(AGENCY, CLIENT)
    rows.enabled.clear()
    cache.clear()
    assert await cache.get(AGENCY, CLIENT) == frozenset()


async def test_change_during_a_read_is_not_lost(rows: Rows) -> None:
    cache = EnabledCache(rows.load)
    rows.hold = asyncio.Event()
    reading = asyncio.create_task(cache.get(AGENCY, CLIENT))
    await asyncio.sleep(0)
    rows.enabled.clear()
    cache.invalidate(CLIENT)
    rows.hold.set()
    await reading
    assert await cache.get(AGENCY, CLIENT) == frozenset()


async def test_rows_that_cannot_be_read_enable_nothing(rows: Rows) -> None:
    async def fail(agency_id: UUID, client_id: UUID) -> frozenset[str]:
        raise ConnectionError("database is away")

    with pytest.raises(ConnectionError):
        await EnabledCache(fail).get(AGENCY, CLIENT)
