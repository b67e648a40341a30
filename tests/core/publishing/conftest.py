"""A runtime whose only platform is the board."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from palabre.base.clock import MovableClock
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime
from tests.faults.bench import Bench, make_bench
from tests.faults.board import Platform, registry
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest_asyncio.fixture
async def runtime(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path, platform: Platform
) -> AsyncIterator[Runtime]:
    settings = make_settings(database_urls, redis_url, tmp_path)
    async with open_runtime(
        settings, role="worker", registry=registry(platform), clock=MovableClock()
    ) as opened:
        yield opened


@pytest_asyncio.fixture
async def bench(runtime: Runtime, platform: Platform) -> Bench:
    return await make_bench(runtime, platform)
