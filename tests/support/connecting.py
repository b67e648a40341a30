"""An application that knows the notice board, and a browser that connects accounts with it."""

import importlib
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from palabre.base.clock import MovableClock
from palabre.base.settings import Settings
from palabre.plugins.loader import load
from palabre.plugins.registry import Registry
from palabre.plugins.states import LoaderOptions
from tests.support.api import Api, World, running_app
from tests.support.testing_plugin import BOARD, KEY, SETTINGS, Board, install

ORIGIN = "http://palabre.test"


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Load the installed plugins and the notice board."""
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        found = load(LoaderOptions(environment="test", required=frozenset({KEY})))
    finally:
        sys.path.remove(str(folder))
        importlib.invalidate_caches()
    return found


@pytest_asyncio.fixture
async def app(
    settings: Settings, clock: MovableClock, registry: Registry
) -> AsyncIterator[Litestar]:
    """Run the application with the notice board for one test."""
    async with running_app(settings, clock, registry) as running:
        yield running


@pytest.fixture
def board() -> Board:
    """Return the remote side as it is at first."""
    BOARD.reset()
    return BOARD


class Browser:
    """A browser with cookies that stands before the connect window; it follows nothing itself."""

    def __init__(self, app: Litestar, *, language: str = "en") -> None:
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url=ORIGIN,
            headers={"accept-language": language},
        )

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, origin: str = ORIGIN, **form: Any) -> httpx.Response:
        return await self.http.post(path, data=form, headers={"origin": origin})

    async def leave(self, attempt_id: str) -> str:
        """Press Continue and return the state the platform was given."""
        answer = await self.post(f"/connect/{attempt_id}/continue")
        assert answer.status_code == 303, answer.text
        return parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]

    async def come_back(self, state: str, code: str = "good", adapter: str = KEY) -> httpx.Response:
        return await self.get(f"/connect/callback/{adapter}?code={code}&state={state}")


class Desk:
    """What one admin does: turns the plugin on, begins attempts, connects accounts."""

    def __init__(self, app: Litestar, api: Api, client_id: UUID) -> None:
        self.app = app
        self.api = api
        self.path = f"/v1/clients/{client_id}"
        self.browser = Browser(app)

    async def enable(self) -> None:
        settings = {"enabled": True, "settings": SETTINGS}
        answer = await self.api.put(f"{self.path}/plugins/{KEY}", settings)
        assert answer.status_code == 200, answer.text

    async def begin(self, adapter: str = KEY, **more: Any) -> dict[str, Any]:
        answer = await self.api.post(
            f"{self.path}/connections/attempts", {"adapter": adapter, **more}
        )
        assert answer.status_code == 201, answer.text
        begun: dict[str, Any] = answer.json()
        return begun

    async def attempt(self, attempt_id: str) -> dict[str, Any]:
        answer = await self.api.get(f"{self.path}/connections/attempts/{attempt_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def to_choice(self) -> str:
        """Go as far as the choice and return the attempt's id."""
        attempt_id = str((await self.begin())["id"])
        state = await self.browser.leave(attempt_id)
        answer = await self.browser.come_back(state)
        assert answer.headers["location"] == f"/connect/{attempt_id}/choose", answer.text
        return attempt_id

    async def connect(self, *remote_ids: str) -> list[dict[str, Any]]:
        """Connect accounts through the window and return them."""
        attempt_id = await self.to_choice()
        answer = await self.browser.post(
            f"/connect/{attempt_id}/choose", remote_ids=list(remote_ids or ("p1",))
        )
        assert answer.headers.get("location") == f"/connect/{attempt_id}/done", answer.text
        accounts: list[dict[str, Any]] = (await self.attempt(attempt_id))["accounts"]
        return accounts


@pytest_asyncio.fixture
async def desk(app: Litestar, api: Api, world: World, board: Board) -> Desk:
    """Return the desk of the world's admin, the plugin turned on."""
    opened = Desk(app, await api.as_(world.admin), world.client_id)
    await opened.enable()
    return opened


async def rows_of_everything(admin_url: str) -> str:
    """Return every value of every table as text, read past all walls."""
    import asyncpg

    connection = await asyncpg.connect(admin_url)
    try:
        names = await connection.fetch(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        texts = [
            str(
                await connection.fetchval(
                    f"SELECT string_agg(t::text, ' ') FROM {name['relname']} t"
                )
            )
            for name in names
        ]
    finally:
        await connection.close()
    return "\n".join(texts)
