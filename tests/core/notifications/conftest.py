"""A client whose publications fail, and the hands of a worker that tells people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from palabre.base.clock import MovableClock
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime
from tests.core.notifications.newsroom import Newsroom
from tests.faults.bench import make_bench
from tests.faults.board import Platform, registry
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest_asyncio.fixture
async def runtime(
    fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path, clock: MovableClock
) -> AsyncIterator[Runtime]:
    settings = make_settings(fresh_database_urls, redis_url, tmp_path)
    plugins = registry(Platform())
    async with open_runtime(settings, role="worker", registry=plugins, clock=clock) as opened:
        yield opened


@pytest_asyncio.fixture
async def newsroom(runtime: Runtime, clock: MovableClock) -> Newsroom:
    return Newsroom(await make_bench(runtime, Platform()), clock)
