"""A fresh simulator for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .support import Context, Facebook, running_facebook


@pytest.fixture
async def facebook(tmp_path: Path) -> AsyncIterator[Facebook]:
    async with running_facebook(tmp_path) as running:
        yield running


@pytest.fixture
async def page(facebook: Facebook) -> Context:
    """The context of a connected Page."""
    return await facebook.page()
