"""The REST application: routes, errors, guard, documentation and the process's runtime."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from uuid import UUID

from litestar import Litestar

from palabre.base.settings import Settings
from palabre.domains.agencies.service import SILOS
from palabre.domains.bell import Bell
from palabre.domains.identity.access import Access
from palabre.domains.identity.limits import Limiter
from palabre.domains.identity.tokens import Tokens
from palabre.domains.keys.access import Keys
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime
from palabre_api import errors, idempotency
from palabre_api.deps import DEPENDENCIES
from palabre_api.docs import schema
from palabre_api.front import Front
from palabre_api.gate import gate, undeclared
from palabre_api.routes import ALL

JSON_LIMIT = 1_000_000
"""Bytes a body may have unless its route says otherwise."""


def create_app(
    settings: Settings,
    opening: Callable[[], AbstractAsyncContextManager[Runtime]] | None = None,
) -> Litestar:
    """Return the application.

    Args:
        settings: Of this process.
        opening: Opens the runtime when the application starts and closes it when it stops;
            ``palabre.start.open_runtime`` when left out.

    Raises:
        LookupError: A route declares neither its action nor why it is public.
    """
    opens = opening or partial(open_runtime, settings, role="api")

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with opens() as runtime:
            bell = _equip(app, runtime)
            hearing = asyncio.create_task(bell.run())
            try:
                yield
            finally:
                await _end(hearing)

    app = Front(
        settings,
        route_handlers=ALL,
        dependencies=DEPENDENCIES,
        guards=[gate],
        exception_handlers={Exception: errors.handle},
        before_request=idempotency.before,
        after_request=idempotency.capture,
        lifespan=[lifespan],
        request_max_body_size=JSON_LIMIT,
        openapi_config=schema.config(),
        debug=False,
        logging_config=None,
    )
    missing = undeclared(app)
    if missing:
        raise LookupError(f"Routes without an action: {', '.join(missing)}")
    return app


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel until it ends: redis-py takes a cancellation while it connects for a time-out."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)


def _equip(app: Litestar, runtime: Runtime) -> Bell:
    access = Access(runtime.database)
    app.state.runtime = runtime
    app.state.tokens = Tokens(runtime.settings.signing_key)
    app.state.access = access
    app.state.api_keys = keys = Keys(runtime.database, runtime.settings.signing_key)
    app.state.limiter = Limiter(runtime.redis)
    bell = Bell(runtime.redis)
    bell.on("session", lambda text: access.forget_session(UUID(text)), access.clear)
    bell.on("user", lambda text: access.forget_user(UUID(text)), access.clear)
    bell.on(SILOS, lambda _text: runtime.database.forget(), runtime.database.forget)
    bell.on("key", lambda text: keys.forget(UUID(text)), keys.clear)
    bell.on("enabled", lambda text: runtime.enabled.invalidate(UUID(text)), runtime.enabled.clear)
    return bell
