"""Short messages between processes that something cached has changed. Losing one is harmless."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger("palabre.bell")
_CHANNEL: Final = "pal:bell"
_PATIENCE_S: Final = 1.0
_PAUSE_S: Final = 1.0

Hear = Callable[[str], None]


class Bell:
    """Hears other processes ring over Redis.

    Who hears keeps a ceiling of its own: without Redis, changes are seen when it is reached.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hear: dict[str, list[Hear]] = {}
        self._lost: list[Callable[[], None]] = []

    def on(self, topic: str, hear: Hear, lost: Callable[[], None]) -> None:
        """Call ``hear`` with the text of every ring of ``topic``.

        Args:
            topic: What changed, such as ``session``.
            hear: Forgets one entry; must not raise.
            lost: Forgets everything; called whenever messages may have been missed.
        """
        self._hear.setdefault(topic, []).append(hear)
        self._lost.append(lost)

    async def run(self) -> None:
        """Hear until cancelled; connects again after every loss."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                _log.warning("bell_lost", error=type(error).__name__)
            await asyncio.sleep(_PAUSE_S)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(_CHANNEL)
            for lost in self._lost:
                lost()
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=5)
                if message is not None:
                    topic, _, text = str(message["data"]).partition(" ")
                    self._heard(topic, text)

    def _heard(self, topic: str, text: str) -> None:
        for hear in self._hear.get(topic, ()):
            hear(text)


async def publish(redis: Redis, topic: str, text: str) -> None:
    """Ring at every process that hears; nothing is raised when Redis is away."""
    try:
        await asyncio.wait_for(redis.publish(_CHANNEL, f"{topic} {text}"), _PATIENCE_S)
    except (RedisError, OSError, TimeoutError) as error:
        _log.warning("bell_not_rung", topic=topic, error=type(error).__name__)
