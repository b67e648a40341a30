"""How many calls may run at once per account: the protocol, and the counter of one process."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Slots(Protocol):
    """Counts calls per account of an adapter."""

    def hold(self, adapter: str, account_id: str, limit: int) -> AbstractAsyncContextManager[None]:
        """Wait for one of ``limit`` places and hold it; the caller bounds the waiting."""
        ...


class LocalSlots:
    """Places of this process. Nothing is kept for accounts nobody calls."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], _Places] = {}

    def hold(self, adapter: str, account_id: str, limit: int) -> AbstractAsyncContextManager[None]:
        """Wait for one of ``limit`` places and hold it."""
        return _Hold(self._places, (adapter, account_id), limit)


class _Places:
    """The places of one account and how many calls hold one or wait for one."""

    __slots__ = ("free", "users")

    def __init__(self, limit: int) -> None:
        self.free = asyncio.Semaphore(limit)
        self.users = 0


class _Hold(AbstractAsyncContextManager[None]):
    """One call's place. A class, because this stands on the way of every call."""

    __slots__ = ("_all", "_key", "_limit")

    def __init__(
        self, every: dict[tuple[str, str], _Places], key: tuple[str, str], limit: int
    ) -> None:
        self._all = every
        self._key = key
        self._limit = limit

    async def __aenter__(self) -> None:
        places = self._all.get(self._key)
        if places is None:
            places = self._all[self._key] = _Places(self._limit)
        places.users += 1
        try:
            await places.free.acquire()
        except BaseException:
            self._leave(places)
            raise

    async def __aexit__(self, *raised: object) -> None:
        places = self._all[self._key]
        places.free.release()
        self._leave(places)

    def _leave(self, places: _Places) -> None:
        places.users -= 1
        if places.users == 0:
            del self._all[self._key]
