"""Builds the runtime of a process from its settings, and closes it again."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, Literal, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from palabre.base.clock import Clock, SystemClock
from palabre.base.settings import Settings, SettingsError
from palabre.db import guard
from palabre.db.databases import Databases
from palabre.domains.accounts import service as accounts
from palabre.domains.accounts.tokens import AccountTokens
from palabre.domains.enabling.sources import PluginSettings, PluginStates, enabled_loader
from palabre.domains.media import service as media
from palabre.domains.media.reader import LibraryMedia
from palabre.domains.publishing import service as publishing
from palabre.domains.runtime import Runtime
from palabre.net.client import Egress
from palabre.net.hosts import HostTable
from palabre.net.plugin_http import http_for
from palabre.plugins.context import ContextMaker, Services
from palabre.plugins.enabling import EnabledCache
from palabre.plugins.loader import load
from palabre.plugins.registry import Registry
from palabre.plugins.states import LoaderOptions, RequiredPluginMissing
from palabre.vault.master import MasterKeys
from palabre.vault.vault import Vault

H = TypeVar("H")
Role = Literal["api", "worker", "command"]
POOL_SIZES: Final[dict[Role, int]] = {"api": 10, "worker": 10, "command": 2}


def connect_domains() -> None:
    """Leave publishing's functions with the domains it calls, which cannot call it."""
    _leave(accounts.on_connected, publishing.release_account)
    _leave(accounts.on_lost, publishing.hold_account)
    _leave(accounts.held_counts, publishing.held_counts)
    _leave(media.in_use, publishing.needs_file)


def _leave(hooks: list[H], hook: H) -> None:
    if hook not in hooks:
        hooks.append(hook)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    role: Role,
    registry: Registry | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Runtime]:
    """Open everything a process holds; close it at the end.

    Args:
        settings: Of this process.
        role: What the process is for: decides the size of its pool and its name at the server.
        registry: Plugins, where the caller has loaded them already.
        clock: What tells the time; the machine's when left out.

    Raises:
        SettingsError: The database login is privileged, the schema does not match, a key is not
            usable, or a required plugin is missing.
        Unavailable: PostgreSQL does not answer.
    """
    connect_domains()
    database = Databases(
        settings.database_url, pool_size=POOL_SIZES[role], application_name=f"palabre-{role}"
    )
    redis = open_redis(settings.redis_url)
    egress = Egress(
        HostTable.parse(settings.simulated_hosts, public_origin=settings.simulator_origin)
    )
    try:
        await guard.refuse_privileged(database)
        await guard.require_every_schema(database)
        yield _assemble(
            settings, database, redis, egress, registry or load_plugins(settings), clock
        )
    finally:
        await egress.aclose()
        await redis.aclose()
        await database.close()


def load_plugins(settings: Settings) -> Registry:
    """Load the plugins of this installation.

    Raises:
        SettingsError: A plugin the installation requires is not active.
    """
    options = LoaderOptions(environment=settings.environment, allowed=frozenset(settings.plugins))
    try:
        return load(options)
    except RequiredPluginMissing as error:
        raise SettingsError(str(error)) from error


def open_redis(url: str) -> Redis:
    """Return a client that tries a lost connection again twice; nothing is connected yet."""
    client: Redis = Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=5,
        socket_connect_timeout=2,
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 2),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )
    return client


def configure_logs(environment: str, *, level: int = logging.INFO) -> None:
    """Send every log line to standard error: JSON in production, readable elsewhere."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks: rich ones print local variables, and with them secrets.
    renderer: list[Any] = [
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    ]
    if environment == "production":
        renderer = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=repr),
        ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("arq", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _assemble(
    settings: Settings,
    database: Databases,
    redis: Redis,
    egress: Egress,
    registry: Registry,
    clock: Clock | None,
) -> Runtime:
    runtime = Runtime(
        settings=settings,
        database=database,
        redis=redis,
        vault=Vault(MasterKeys(settings.master_keys)),
        registry=registry,
        egress=egress,
        clock=clock or SystemClock(),
        enabled=EnabledCache(enabled_loader(database)),
        contexts=None,  # type: ignore[arg-type]  # its services need the runtime: set just below
    )
    runtime.contexts = ContextMaker(
        registry,
        Services(
            tokens=AccountTokens(runtime),
            media=LibraryMedia(runtime),
            state=PluginStates(runtime),
            settings=PluginSettings(runtime),
            http=partial(http_for, egress),
            clock=runtime.clock,
        ),
    )
    return runtime
