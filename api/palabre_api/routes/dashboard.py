"""The dashboard: its files, and its one page for every address a person may open or reload."""

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from palabre.base.words import say
from palabre_api.call import current
from palabre_api.deps import public
from palabre_api.files import Folder

_FILES: Final = Folder(Path(__file__).parent.parent / "static" / "dashboard")
_SCREENS: Final = (
    "sign-in",
    "register",
    "start",
    "reset",
    "verify",
    "invitation",
    "approvals",
    "publications",
    "calendar",
    "leads",
    "clients",
    "agents",
    "plugins",
    "team",
    "audit",
    "search",
    "notifications",
    "mail-catcher",
    "settings",
    "profile",
    "c",
)
_PAGES: Final = ["/", *(p for name in _SCREENS for p in (f"/{name}", f"/{name}/{{rest:path}}"))]
_WHY: Final = "the page itself holds no data; what it shows comes from the API"


@get(_PAGES, operation_id="dashboard", opt=public(_WHY), include_in_schema=False)
async def page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Return the dashboard's page; it reads the address itself."""
    if "index.html" in _FILES:
        return _FILES.answer(request, "index.html")
    text = say(current.get().locale, "page.dashboard_not_built")
    return Response(
        f'<!doctype html><meta charset="utf-8"><title>Palabre</title><h1>Palabre</h1><p>{text}</p>',
        status_code=503,
        media_type="text/html; charset=utf-8",
        headers={"Cache-Control": "no-store", "Retry-After": "30"},
    )


@get("/assets/{name:path}", operation_id="asset", opt=public(_WHY), include_in_schema=False)
async def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Return a file of the dashboard."""
    return _FILES.answer(request, f"assets/{str(name).lstrip('/')}")


@get("/favicon.svg", operation_id="favicon", opt=public(_WHY), include_in_schema=False)
async def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the icon browsers show beside the title."""
    return _FILES.answer(request, "favicon.svg")


handlers = [page, asset, favicon]
