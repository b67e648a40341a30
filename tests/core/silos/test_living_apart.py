"""A client with its own database beside pooled ones: where rows are, and who is hurt by what."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from palabre.base.settings import Settings
from palabre.db.door import Database, with_name
from palabre.db.scope import Scope
from palabre.domains.agencies.tables import clients
from palabre.domains.content.tables import pieces
from palabre.domains.enabling.tables import client_plugins
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime
from tests.faults.bench import Bench, add_account, make_bench
from tests.faults.board import registry
from tests.faults.processes import until, worker_parent
from tests.faults.worker import FilePlatform
from tests.support.api import (
    Api,
    World,
    assert_error,
    make_settings,
    make_world,
    running_app,
    scope_of,
)
from tests.support.connecting import rows_of_everything
from tests.support.databases import DatabaseUrls, urls_of

MakeSilo = Callable[[Settings], str]
CANARY = "kanari-7f3a"


@pytest.fixture
def settings(fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path) -> Settings:
    """A pool of the test's own, so that what is found in it is the test's."""
    return make_settings(fresh_database_urls, redis_url, tmp_path)


@pytest.fixture
def silo(settings: Settings, make_silo: MakeSilo) -> str:
    """Name of a spare database; the first dedicated client gets it."""
    return make_silo(settings)


@pytest_asyncio.fixture
async def world(runtime: Runtime, silo: str) -> World:
    """The client is dedicated, its neighbour pooled."""
    return await make_world(runtime, "dedicated")


async def _owner(app: Litestar, world: World) -> Api:
    return await Api(app).as_(world.owner)


async def _write(api: Api, client_id: UUID, text: str) -> None:
    made = await api.post(f"/v1/clients/{client_id}/pieces", {"text": text})
    assert made.status_code == 201, made.text


async def test_nothing_a_dedicated_client_makes_is_in_the_pool(
    app: Litestar, world: World, silo: str, fresh_database_urls: DatabaseUrls
) -> None:
    owner = await _owner(app, world)
    await _write(owner, world.client_id, CANARY)
    brand = {"name": CANARY, "voice": CANARY}
    answer = await owner.post(
        f"{world.path}/brands", brand, headers={"Idempotency-Key": f"key {CANARY}"}
    )
    assert answer.status_code == 201
    pool = urlsplit(fresh_database_urls.admin)
    own = urls_of(fresh_database_urls.admin, silo).admin

    assert CANARY not in await rows_of_everything(pool.geturl())
    assert (await rows_of_everything(own)).count(CANARY) >= 4


async def test_a_neighbour_stays_out_of_the_silo(
    app: Litestar, world: World, silo: str, fresh_database_urls: DatabaseUrls
) -> None:
    owner = await _owner(app, world)
    await _write(owner, world.neighbour_id, CANARY)

    assert CANARY in await rows_of_everything(fresh_database_urls.admin)
    assert CANARY not in await rows_of_everything(urls_of(fresh_database_urls.admin, silo).admin)


async def test_the_walls_stand_in_a_silo_and_control_tables_are_closed(
    app: Litestar, runtime: Runtime, world: World, silo: str
) -> None:
    await _write(await _owner(app, world), world.client_id, CANARY)
    own = Database(with_name(runtime.settings.database_url, silo), pool_size=1)
    mine = Scope.of_client(world.agency.id, world.client_id)
    neighbour = Scope.of_client(world.agency.id, world.neighbour_id)
    count = text("SELECT count(*) FROM pieces")
    try:
        async with own.transaction(mine) as tx:
            assert await tx.scalar(count) == 1
        async with own.transaction(neighbour) as tx:
            assert await tx.scalar(count) == 0
        with pytest.raises(DBAPIError, match="permission denied for table clients"):
            async with own.transaction(mine) as tx:
                await tx.all(select(clients))
    finally:
        await own.close()


async def test_a_client_without_a_spare_is_refused_with_what_to_do(
    app: Litestar, world: World
) -> None:
    owner = await _owner(app, world)
    body = {"name": "Third", "time_zone": "Africa/Dakar", "isolation": "dedicated"}

    details = await owner.post("/v1/clients", body)

    assert_error(details, 409, "no_silo_ready")
    assert "palabre db silo prepare" in details.json()["error"]["message"]
    names = [one["name"] for one in (await owner.get("/v1/clients")).json()["items"]]
    assert "Third" not in names


async def test_a_dedicated_client_is_made_over_the_api_and_used_at_once_everywhere(
    app: Litestar,
    settings: Settings,
    world: World,
    make_silo: MakeSilo,
    fresh_database_urls: DatabaseUrls,
) -> None:
    make_silo(settings)
    async with running_app(settings) as other:
        there = await _owner(other, world)
        assert (await there.get("/v1/clients")).status_code == 200
        owner = await _owner(app, world)
        body = {"name": "Third", "time_zone": "Africa/Dakar", "isolation": "dedicated"}
        made = (await owner.post("/v1/clients", body)).json()
        assert made["isolation"] == "dedicated"

        await _write(there, made["id"], CANARY)

        assert CANARY not in await rows_of_everything(fresh_database_urls.admin)
        found = (await owner.get(f"/v1/clients/{made['id']}/pieces")).json()["items"]
        assert [one["text"] for one in found] == [CANARY]


async def test_a_crash_before_the_silo_knew_its_client_is_mended_by_the_next_use(
    runtime: Runtime, world: World, settings: Settings, fresh_database_urls: DatabaseUrls, silo: str
) -> None:
    scope = await scope_of(world)
    admin = await asyncpg.connect(fresh_database_urls.admin)
    state = "SELECT state FROM silos"
    assert await admin.fetchval(state) == "preparing"

    async with open_runtime(settings, role="worker") as other:
        async with other.database.transaction(scope) as tx:
            await tx.insert(pieces, text=CANARY)
        async with runtime.database.transaction(scope) as tx:
            assert await tx.scalar(select(pieces.c.text)) == CANARY

    assert await admin.fetchval(state) == "active"
    await admin.close()


async def test_a_silo_that_is_down_is_a_503_for_its_client_alone(
    app: Litestar, world: World, silo: str, fresh_database_urls: DatabaseUrls
) -> None:
    owner = await _owner(app, world)
    await _write(owner, world.client_id, "here")
    await _write(owner, world.neighbour_id, "there")
    await _let_in(fresh_database_urls, silo, False)

    assert_error(await owner.get(f"{world.path}/pieces"), 503, "database_unavailable")
    assert_error(
        await owner.post(f"{world.path}/pieces", {"text": "x"}), 503, "database_unavailable"
    )
    elsewhere = await owner.get(f"/v1/clients/{world.neighbour_id}/pieces")
    assert [one["text"] for one in elsewhere.json()["items"]] == ["there"]
    assert (await owner.get("/health/ready")).status_code == 200
    everything = (await owner.get("/v1/publications")).json()
    assert everything["missing_clients"] == [str(world.client_id)]

    await _let_in(fresh_database_urls, silo, True)
    assert (await owner.get(f"{world.path}/pieces")).status_code == 200
    assert (await owner.get("/v1/publications")).json()["missing_clients"] == []


async def test_a_process_starts_while_a_silo_is_down(
    app: Litestar, world: World, silo: str, fresh_database_urls: DatabaseUrls, settings: Settings
) -> None:
    await _let_in(fresh_database_urls, silo, False)
    async with running_app(settings) as other:
        assert (await (await _owner(other, world)).get("/v1/clients")).status_code == 200
    await _let_in(fresh_database_urls, silo, True)


async def test_lists_over_all_clients_join_the_databases_page_by_page(
    settings: Settings, silo: str
) -> None:
    platform = FilePlatform(settings.state_dir / "board")
    async with running_app(settings, registry=registry(platform)) as app:
        benches = await _both(app.state.runtime, platform)
        made = [str(await benches[n % 2].publish(f"post {n}")) for n in range(5)]
        owner = await Api(app).as_(benches[0].world.owner)
        found: list[str] = []
        cursor = None
        while cursor or not found:
            params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await owner.get("/v1/publications", params=params)).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert found == made[::-1]
        editor = await Api(app).as_(benches[0].world.editor)
        theirs = (await editor.get("/v1/publications")).json()["items"]
        assert [one["id"] for one in theirs] == made[::-2]


async def test_a_worker_publishes_for_both(settings: Settings, silo: str, tmp_path: Path) -> None:
    board = FilePlatform(tmp_path / "board")
    async with open_runtime(settings, role="worker", registry=registry(board)) as runtime:
        benches = await _both(runtime, board)
        for n, bench in enumerate(benches):
            for number in range(3):
                await bench.publish(f"client {n} post {number}")
        with worker_parent(settings, tmp_path / "board", tmp_path / "log", processes=1):
            await until(lambda: len(board.posts) == 6, 60)
            await until(lambda: _all_published(benches), 30)


async def _both(runtime: Runtime, platform: Any) -> list[Bench]:
    """Return a dedicated and a pooled client of one agency with an account each."""
    own = await make_bench(runtime, platform, isolation="dedicated")
    world = own.world
    scope = Scope.of_client(world.agency.id, world.neighbour_id, own.scope.actor)
    async with runtime.database.control(scope) as tx:
        await tx.insert(client_plugins, plugin="board", enabled=True, settings={}, secret_times={})
    account_id = await add_account(runtime, scope, "board.d")
    return [own, Bench(runtime, platform, world, scope, account_id)]


async def _all_published(benches: list[Bench]) -> bool:
    states: set[str] = set()
    for bench in benches:
        async with bench.runtime.database.transaction(bench.scope) as tx:
            rows = await tx.all(text("SELECT state FROM publications"))
        states |= {row.state for row in rows}
    return states == {"published"}


async def _let_in(urls: DatabaseUrls, name: str, allowed: bool) -> None:
    connection = await asyncpg.connect(urls.admin)
    limit = -1 if allowed else 0
    await connection.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT {limit}')
    if not allowed:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
    await connection.close()


@pytest_asyncio.fixture
async def app(settings: Settings) -> AsyncIterator[Litestar]:
    """Run the application over the test's own pool."""
    async with running_app(settings) as running:
        yield running
