"""How often somebody may do something: one bucket per subject, shared by all processes in Redis.

The algorithm is GCRA: ``count`` at once, then one more every ``window_s / count`` seconds. In any
time T a bucket lets through ``count + T * count / window_s`` at most, however many processes ask.
Without Redis each process grants its share of every bucket.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from palabre.base.errors import TooMany

_log = structlog.get_logger("palabre.limits")
_MOST_LOCAL: Final = 50_000
_PAUSE_S: Final = 1.0
"""How long Redis is left alone after it did not answer."""
_ROUNDING_S: Final = 1e-6
_ROUNDING: Final = 0.001
"""Divisions leave a little more or less than there is."""
PROCESSES: Final = 4
"""API processes that share a bucket while Redis is away: each grants a quarter."""
_TAKE: Final = """
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local cost = tonumber(ARGV[1])
local wait, left, reset, ends = 0, nil, 0, {}
for i, key in ipairs(KEYS) do
  local count, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now)
  ends[i] = math.max(full + cost * window / count, now)
  local over = ends[i] - now - window
  if over > 0.5 then wait = math.max(wait, over) else full = ends[i] end
  local free = math.floor((window - (full - now)) * count / window + 0.001)
  left = math.min(left or free, free)
  reset = math.max(reset, full - now)
end
if wait == 0 then
  for i, key in ipairs(KEYS) do
    local life = math.ceil((ends[i] - now) / 1000)
    if life < 1 then redis.call('DEL', key)
    else redis.call('SET', key, string.format('%.0f', ends[i]), 'PX', life) end
  end
end
return {string.format('%.0f', math.ceil(wait)), left, string.format('%.0f', math.ceil(reset))}
"""
"""All subjects are looked at before any is charged. Returns microseconds to wait, how many more are
possible now, and microseconds until the fullest bucket is empty."""


class Limit(Struct, frozen=True, kw_only=True):
    """``count`` at once, and as many again over each ``window_s`` seconds, for each subject."""

    name: str
    count: int
    window_s: int
    code: str = "too_many_attempts"


SIGN_IN: Final = Limit(name="signin", count=10, window_s=900)
"""Failed sign-ins, per address and per account."""
REGISTER: Final = Limit(name="register", count=20, window_s=3600)
"""Registrations per address."""
RESET: Final = Limit(name="reset", count=20, window_s=3600)
"""Password resets asked for, per address."""
LETTER: Final = Limit(name="letter", count=5, window_s=3600)
"""Mails that somebody who is not signed in has us send, per recipient."""
SESSION: Final = Limit(name="session", count=3000, window_s=900, code="too_many_requests")
"""Calls of one session."""
KEY: Final = Limit(name="key", count=100, window_s=900, code="too_many_requests")
"""Calls with the API keys of one client, all keys together: what the smallest plan has."""
PUBLIC_KEY: Final = Limit(name="pubkey", count=300, window_s=900, code="too_many_requests")
"""Calls with one publishable key from one address."""
UNKNOWN_KEY: Final = Limit(name="badkey", count=30, window_s=900, code="too_many_requests")
"""Calls with keys that are not accepted, per address."""


class Standing(Struct, frozen=True, kw_only=True):
    """What is left of a bucket after a call."""

    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell the caller."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class Limiter:
    """Takes from buckets. A try is taken before it is made and given back when it succeeds."""

    def __init__(
        self,
        redis: Redis,
        *,
        processes: int = PROCESSES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._processes = processes
        self._monotonic = monotonic
        self._local: dict[str, float] = {}
        self._away_until = 0.0

    async def take(self, limit: Limit, now: datetime, *subjects: str) -> Standing:
        """Take one from the bucket of every subject, or from none.

        Raises:
            TooMany: One of them is empty; the details say when it opens again.
        """
        wait_s, left, reset_s = await self._charge(limit, 1, subjects)
        standing = Standing(limit=limit.count, remaining=left, reset_s=int(reset_s) + 1)
        if wait_s <= 0:
            return standing
        again = (now + timedelta(seconds=wait_s)).replace(microsecond=0)
        raise TooMany(
            limit.code,
            details={"retry_at": again.isoformat().replace("+00:00", "Z")},
            headers={"Retry-After": str(int(wait_s) + 1), **standing.headers()},
            minutes=int(wait_s // 60) + 1,
        )

    async def give_back(self, limit: Limit, *subjects: str) -> None:
        """Put one back into the bucket of every subject: the try succeeded."""
        await self._charge(limit, -1, subjects)

    async def _charge(
        self, limit: Limit, cost: int, subjects: tuple[str, ...]
    ) -> tuple[float, int, float]:
        keys = [_key(limit, subject) for subject in subjects]
        if self._monotonic() >= self._away_until:
            sizes = [str(limit.count), str(limit.window_s * 1_000_000)] * len(keys)
            try:
                wait, left, reset = await self._redis.eval(
                    _TAKE, len(keys), *keys, str(cost), *sizes
                )  # type: ignore[misc]  # typed for both clients
            except (RedisError, OSError) as error:
                _log.warning("limits_local", error=type(error).__name__)
                self._away_until = self._monotonic() + _PAUSE_S
            else:
                return int(wait) / 1e6, int(left), int(reset) / 1e6
        return self._charge_local(limit, cost, keys)

    def _charge_local(self, limit: Limit, cost: int, keys: list[str]) -> tuple[float, int, float]:
        """Do in this process what the script does, with this process's share."""
        now, share = self._monotonic(), max(1, limit.count // self._processes)
        if len(self._local) > _MOST_LOCAL:
            self._local = {key: full for key, full in self._local.items() if full > now}
        step = limit.window_s / share
        ends = {key: max(max(self._local.get(key, now), now) + cost * step, now) for key in keys}
        fullest = max(ends.values())
        wait = fullest - now - limit.window_s
        if wait > _ROUNDING_S:
            return wait, 0, fullest - step - now
        self._local.update(ends)
        return 0.0, int((limit.window_s - (fullest - now)) / step + _ROUNDING), fullest - now


def _key(limit: Limit, subject: str) -> str:
    """Subjects are addresses of people: only their hash is kept."""
    return f"pal:-:-:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
