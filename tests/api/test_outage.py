"""PostgreSQL or Redis away: said so in the one shape, and over as soon as they are back."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio
from litestar import Litestar

from palabre.domains.identity.limits import PROCESSES
from tests.support.api import (
    PASSWORD,
    Api,
    assert_error,
    make_settings,
    make_world,
    running_app,
)
from tests.support.databases import DatabaseUrls
from tests.support.servers import temporary_servers

NOWHERE = "redis://127.0.0.1:1/0"


@pytest_asyncio.fixture
async def app_without_redis(database_urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Litestar]:
    async with running_app(make_settings(database_urls, NOWHERE, tmp_path)) as app:
        yield app


async def test_without_redis_people_sign_in_read_and_write(app_without_redis: Litestar) -> None:
    app = app_without_redis
    world = await make_world(app.state.runtime)
    body = {"email": world.editor.email, "password": PASSWORD, "keep": "body"}
    session = await Api(app).post("/v1/auth/sessions", body)
    assert session.status_code == 201
    editor = Api(app, session.json()["access_token"])
    made = await editor.post(f"{world.path}/brands", {"name": "Kept"})
    assert made.status_code == 201
    assert (await editor.get(f"{world.path}/brands")).json()["items"] == [made.json()]
    ready = await editor.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "redis": False, "database": True}
    assert (await editor.get("/health/live")).status_code == 200
    assert (await editor.delete("/v1/auth/sessions/current")).status_code == 204
    assert_error(await editor.get("/v1/me"), 401, "session_ended")


async def test_without_redis_guesses_are_still_counted(app_without_redis: Litestar) -> None:
    world = await make_world(app_without_redis.state.runtime)
    body = {"email": world.editor.email, "password": "wrong one 12"}
    api = Api(app_without_redis)
    statuses = [(await api.post("/v1/auth/sessions", body)).status_code for _ in range(5)]
    share = 10 // PROCESSES  # while Redis is away each process grants its part of the ten
    assert statuses == [401] * share + [429] * (5 - share)


async def test_a_database_that_is_away_is_a_503_until_it_is_back(
    fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    urls = fresh_database_urls
    async with running_app(make_settings(urls, redis_url, tmp_path)) as app:
        world = await make_world(app.state.runtime)
        owner = await Api(app).as_(world.owner)
        assert (await owner.get("/v1/clients")).status_code == 200
        await _let_in(urls, False)
        away = await owner.get("/v1/clients", headers={"accept-language": "fr"})
        assert_error(away, 503, "database_unavailable")
        assert int(away.headers["retry-after"]) > 0
        ready = await owner.get("/health/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        await _let_in(urls, True)
        assert (await owner.get("/v1/clients")).status_code == 200
        assert (await owner.get("/health/ready")).status_code == 200


async def test_a_server_that_stops_in_the_middle_is_a_503(tmp_path: Path) -> None:
    with temporary_servers() as (servers, server_urls):
        from tests.support.databases import copy_template, make_template

        make_template(server_urls.admin_url, "palabre_stopped")
        urls = copy_template(server_urls.admin_url, "palabre_stopped", "palabre_stopped_1")
        async with running_app(make_settings(urls, server_urls.redis_url, tmp_path)) as app:
            world = await make_world(app.state.runtime)
            owner = await Api(app).as_(world.owner)
            assert (await owner.get("/v1/clients")).status_code == 200
            servers.stop()
            assert_error(await owner.get("/v1/clients"), 503, "database_unavailable")
            assert (await owner.get("/health/live")).status_code == 200


async def _let_in(urls: DatabaseUrls, allowed: bool) -> None:
    base, _, name = urls.admin.rpartition("/")
    connection = await asyncpg.connect(f"{base}/postgres")
    limit = -1 if allowed else 0
    await connection.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT {limit}')
    if not allowed:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
    await connection.close()
