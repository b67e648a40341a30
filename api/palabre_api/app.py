"""The REST application: routes, errors, guard, documentation and the process's runtime."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from litestar import Litestar

from palabre.base.settings import Settings
from palabre.domains.identity.access import Access
from palabre.domains.identity.tokens import Tokens
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime
from palabre_api import errors, idempotency
from palabre_api.deps import DEPENDENCIES
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
            _equip(app, runtime)
            yield

    app = Front(
        settings,
        route_handlers=ALL,
        dependencies=DEPENDENCIES,
        guards=[gate],
        exception_handlers={Exception: errors.handle},
        after_request=idempotency.capture,
        lifespan=[lifespan],
        request_max_body_size=JSON_LIMIT,
        openapi_config=None,
        debug=False,
        logging_config=None,
    )
    missing = undeclared(app)
    if missing:
        raise LookupError(f"Routes without an action: {', '.join(missing)}")
    return app


def _equip(app: Litestar, runtime: Runtime) -> None:
    app.state.runtime = runtime
    app.state.tokens = Tokens(runtime.settings.signing_key)
    app.state.access = Access(runtime.database)
