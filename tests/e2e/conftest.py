"""The product, the browser and what a failed test leaves behind."""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from palabre.embedded.servers import ServerUrls
from tests.e2e.product import Product, running
from tests.e2e.rest import Client, Facebook, Owner, register
from tests.e2e.windows import Windows
from tests.support import databases
from tools.chromium import ADVICE, find_chromium

QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_FAILED = pytest.StashKey[bool]()
OpenWindows = Callable[..., Awaitable[Windows]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Iterator[None]:
    """Remember that a test failed, so that its windows are kept as pictures."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report  # type: ignore[return-value]


@pytest.fixture(scope="session")
def product(server_urls: ServerUrls, worker_number: int) -> Iterator[Product]:
    """The demo, started once, on the servers of this run with a database of its own."""
    name = f"palabre_e2e_{secrets.token_hex(4)}"
    urls = databases.urls_of(server_urls.admin_url, name)
    environment = {
        "DATABASE_URL": urls.app,
        "REDIS_URL": server_urls.redis_url.rpartition("/")[0] + f"/{worker_number + 8}",
        "PALABRE_DATABASE_ADMIN_URL": server_urls.admin_url,
        "PALABRE_DB_ROLE_PREFIX": urls.prefix,
    }
    with running(environment) as started:
        yield started
    databases.drop(server_urls.admin_url, name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    program = find_chromium()
    assert program is not None, f"There is no browser to test with. {ADVICE}"
    async with async_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = await playwright.chromium.launch(
            executable_path=program, headless=True, args=[*QUIET, *root]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_windows(
    product: Product, browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[OpenWindows]:
    """Open browsers without memory; at the end none of them may have anything to complain about."""
    opened: list[Windows] = []

    async def open_one(**options: Any) -> Windows:
        opened.append(await Windows.open(product, browser, **options))
        return opened[-1]

    yield open_one
    if request.node.stash.get(_FAILED, False):
        await _leave_behind(opened, request.node, product, tmp_path)
    for one in opened:
        await one.context.close()
    complaints = [line for one in opened for line in one.complaints]
    foreign = [line for one in opened for line in one.foreign]
    assert not complaints, complaints
    assert not foreign, foreign


async def _leave_behind(
    opened: list[Windows], item: pytest.Item, product: Product, folder: Path
) -> None:
    pages = [page for one in opened for page in one.context.pages]
    for n, page in enumerate(pages, 1):
        path = folder / f"window-{n}.png"
        await page.screenshot(path=path)
        item.add_report_section("call", f"window {n}", f"{page.url}\n{path}")
    complaints = "\n".join(line for one in opened for line in one.complaints)
    item.add_report_section("call", "console", complaints)
    item.add_report_section("call", "server logs", product.logs())


@pytest_asyncio.fixture(loop_scope="session")
async def windows(open_windows: OpenWindows) -> Windows:
    """A browser without memory."""
    return await open_windows()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def owner(product: Product) -> AsyncIterator[Owner]:
    """The owner of an English-speaking agency."""
    registered = await register(product)
    yield registered
    await registered.http.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def proprietaire(product: Product) -> AsyncIterator[Owner]:
    """The owner of a French-speaking agency."""
    registered = await register(product, "fr")
    yield registered
    await registered.http.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def client(owner: Owner) -> Client:
    """A client of one's own, with Facebook turned on and nothing connected."""
    return await owner.new_client()


@pytest_asyncio.fixture(loop_scope="session")
async def facebook(product: Product) -> AsyncIterator[Facebook]:
    """The simulated platform, healed afterwards."""
    platform = Facebook(product=product)
    yield platform
    await platform.heal()
