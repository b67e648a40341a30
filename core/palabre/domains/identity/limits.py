"""How often somebody may try: a count per window in Redis, in this process when Redis is away."""

import hashlib
import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from palabre.base.errors import TooMany

_log = structlog.get_logger("palabre.limits")
_MOST_LOCAL: Final = 50_000
_TAKE: Final = """
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[1]) then
    wait = math.max(wait, redis.call('PTTL', key))
  end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2]) end
end
return 0
"""
_GIVE_BACK: Final = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
"""


class Limit(Struct, frozen=True, kw_only=True):
    """At most ``count`` tries within ``window_s`` seconds of the first, for each subject."""

    name: str
    count: int
    window_s: int


SIGN_IN: Final = Limit(name="signin", count=10, window_s=900)
"""Failed sign-ins, per address and per account."""
REGISTER: Final = Limit(name="register", count=20, window_s=3600)
"""Registrations per address."""


class Limiter:
    """Counts tries. A try is counted before it is made and given back when it succeeds."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._local: dict[str, tuple[int, float]] = {}

    async def take(self, limit: Limit, now: datetime, *subjects: str) -> None:
        """Count one try of every subject.

        Raises:
            TooMany: One of them has none left; its details say when it opens again.
        """
        keys = [_key(limit, subject) for subject in subjects]
        window_ms = str(limit.window_s * 1000)
        try:
            wait = await self._redis.eval(_TAKE, len(keys), *keys, str(limit.count), window_ms)  # type: ignore[misc]  # typed for both clients
            wait_s = float(wait) / 1000
        except (RedisError, OSError) as error:
            _log.warning("limits_local", error=type(error).__name__)
            wait_s = self._take_local(limit, keys)
        if wait_s > 0:
            again = (now + timedelta(seconds=wait_s)).replace(microsecond=0)
            raise TooMany(
                "too_many_attempts",
                details={"retry_at": again.isoformat().replace("+00:00", "Z")},
                headers={"Retry-After": str(int(wait_s) + 1)},
                minutes=int(wait_s // 60) + 1,
            )

    async def give_back(self, limit: Limit, *subjects: str) -> None:
        """Take one try of every subject off the count: it succeeded."""
        keys = [_key(limit, subject) for subject in subjects]
        for key in keys:
            count, until = self._local.get(key, (0, 0.0))
            if count:
                self._local[key] = (count - 1, until)
        try:
            await self._redis.eval(_GIVE_BACK, len(keys), *keys)  # type: ignore[misc]  # as above
        except (RedisError, OSError) as error:
            _log.warning("limits_local", error=type(error).__name__)

    def _take_local(self, limit: Limit, keys: list[str]) -> float:
        now = time.monotonic()
        if len(self._local) > _MOST_LOCAL:
            self._local = {key: entry for key, entry in self._local.items() if entry[1] > now}
        entries = {key: self._local.get(key, (0, 0.0)) for key in keys}
        entries = {
            key: entry if entry[1] > now else (0, now + limit.window_s)
            for key, entry in entries.items()
        }
        wait = max((u - now for count, u in entries.values() if count >= limit.count), default=0.0)
        if wait <= 0:
            self._local.update({key: (count + 1, until) for key, (count, until) in entries.items()})
        return wait


def _key(limit: Limit, subject: str) -> str:
    """Subjects are addresses of people: only their hash is kept."""
    return f"pal:-:-:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
