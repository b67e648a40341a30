"""How many calls may run at once per account: the protocol, and the counter of one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol


class Slots(Protocol):
    """Counts calls per account of an adapter."""

    def hold(self, adapter: str, account_id: str, limit: int) -> AbstractAsyncContextManager[None]:
        """Wait for one of ``limit`` places and hold it; the caller bounds the waiting."""
        ...


class LocalSlots:
    """Places of this process. Nothing is kept for accounts nobody calls."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def hold(self, adapter: str, account_id: str, limit: int) -> AsyncIterator[None]:
        """Wait for one of ``limit`` places and hold it."""
        key = (adapter, account_id)
        places, users = self._places.get(key) or (asyncio.Semaphore(limit), 0)
        self._places[key] = (places, users + 1)
        try:
            async with places:
                yield
        finally:
            _, users = self._places[key]
            if users == 1:
                del self._places[key]
            else:
                self._places[key] = (places, users - 1)
