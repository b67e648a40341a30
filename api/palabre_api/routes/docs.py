"""The reference of the API and its OpenAPI document; nothing is loaded from elsewhere."""

from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response, get

from palabre_api.deps import public
from palabre_api.docs import page, schema
from palabre_api.files import Folder

_FILES: Final = Folder(Path(__file__).parent.parent / "static" / "docs")
_WHY: Final = "the documentation is for everybody and holds no data"


@get("/docs", operation_id="reference", opt=public(_WHY), include_in_schema=False)
async def reference(request: Request[Any, Any, Any]) -> Response[str]:
    """Return the reference as a page."""
    text = page.render(schema.document(request.app))
    return Response(text, media_type=MediaType.HTML, headers={"Cache-Control": "no-cache"})


@get("/docs/openapi.json", operation_id="openapi", opt=public(_WHY), include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the OpenAPI document."""
    return Response(schema.write_openapi(request.app), media_type=MediaType.JSON)


@get("/docs/reference.css", operation_id="docsStyle", opt=public(_WHY), include_in_schema=False)
async def style(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the style of the reference."""
    return _FILES.answer(request, "reference.css")


@get("/docs/reference.js", operation_id="docsScript", opt=public(_WHY), include_in_schema=False)
async def script(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the search of the reference."""
    return _FILES.answer(request, "reference.js")


handlers = [reference, openapi, style, script]
