"""Which plugins a client may use, remembered for 30 s at most. Absent means off."""

import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from msgspec import Struct

CEILING_S: Final = 30.0
"""A disabled plugin stays usable no longer than this, even when the message is lost."""
_MOST_CLIENTS: Final = 10_000

Loader = Callable[[UUID, UUID], Awaitable[frozenset[str]]]


class _Entry(Struct, frozen=True):
    keys: frozenset[str]
    until: float


class EnabledCache:
    """The plugin keys enabled per client, as this process read them last."""

    def __init__(
        self,
        load: Loader,
        *,
        ceiling_s: float = CEILING_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare an empty cache.

        Args:
            load: Reads the keys enabled for ``(agency_id, client_id)``; empty when there are none.
            ceiling_s: Seconds after which a client is read again.
            monotonic: The clock that counts them.
        """
        self._load = load
        self._ceiling_s = ceiling_s
        self._monotonic = monotonic
        self._entries: dict[UUID, dict[UUID, _Entry]] = {}
        self._changes = 0

    async def get(self, agency_id: UUID, client_id: UUID) -> frozenset[str]:
        """Return the plugin keys enabled for the client. What the loader raises comes through."""
        now = self._monotonic()
        entry = self._entries.get(client_id, {}).get(agency_id)
        if entry is not None and now < entry.until:
            return entry.keys
        changes = self._changes
        keys = await self._load(agency_id, client_id)
        if changes == self._changes:  # else a change may have come while we read the old rows
            self._keep(agency_id, client_id, _Entry(keys, now + self._ceiling_s))
        return keys

    def invalidate(self, client_id: UUID) -> None:
        """Forget one client: its enabling changed."""
        self._changes += 1
        self._entries.pop(client_id, None)

    def clear(self) -> None:
        """Forget everything: messages may have been lost (the connection was)."""
        self._changes += 1
        self._entries.clear()

    def _keep(self, agency_id: UUID, client_id: UUID, entry: _Entry) -> None:
        if len(self._entries) >= _MOST_CLIENTS:
            self._entries.clear()
        self._entries.setdefault(client_id, {})[agency_id] = entry
