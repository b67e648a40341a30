"""Serves files under signed links: fixed type, never run, in parts where asked for."""

import re
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream
from sqlalchemy import Row

from palabre.base.errors import NotFound
from palabre.db.scope import Scope
from palabre.domains.media import service
from palabre.domains.media.service import PREFIX
from palabre.sdk.errors import PluginError
from palabre_api.deps import GivenRuntime, public

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


@get(
    f"{PREFIX}/{{token:str}}/{{filename:str}}",
    operation_id="getContent",
    opt=public("platforms and pictures carry no session; the signed link is the permission"),
    include_in_schema=False,
)
async def content(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    token: FromPath[str],
    filename: FromPath[str],  # noqa: ARG001  # for people; the token names the file
) -> Response[Any]:
    """Return a file, or the part of it that was asked for.

    Raises:
        NotFound: The link ended, was altered, or the file is gone.
    """
    now = runtime.clock.now()
    linked = service.read_link(runtime.settings, token, now=now)
    scope = Scope.of_client(linked.agency_id, linked.client_id)
    row = await service.find(runtime, scope, linked.media_id)
    headers = _headers(row, int((linked.until - now).total_seconds()))
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(None, status_code=304, headers=headers)
    span = _span(request.headers.get("range", ""), row.size)
    if span is None:
        unsatisfied = headers | {"content-range": f"bytes */{row.size}"}
        return Response(b"", status_code=416, headers=unsatisfied, media_type=row.content_type)
    start, end = span
    chunks = service.read_file(runtime, scope, row, start, end)
    try:
        first = await anext(chunks)
    except (PluginError, StopAsyncIteration):
        raise NotFound from None

    async def body() -> Any:
        yield first
        async for chunk in chunks:
            yield chunk

    part = (start, end) != (0, row.size)
    headers |= {"content-length": str(end - start)}
    if part:
        headers |= {"content-range": f"bytes {start}-{end - 1}/{row.size}"}
    status = 206 if part else 200
    return Stream(body(), status_code=status, media_type=row.content_type, headers=headers)


def _headers(row: Row[Any], life_s: int) -> dict[str, str]:
    """Return what keeps a file a file: its own type, no scripts, no guessing."""
    ascii_name = re.sub(r"[^A-Za-z0-9._-]", "_", row.filename)
    names = f"filename=\"{ascii_name}\"; filename*=UTF-8''{quote(row.filename, safe='')}"
    return {
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "content-disposition": f"inline; {names}",
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": f"private, max-age={min(life_s, 3600)}",
        "accept-ranges": "bytes",
        "etag": f'"{row.sha256}"',
    }


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Return start and end of what is asked for; None when no such part exists.

    A header of another form, or of several parts, is ignored, as HTTP allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[0] == "bytes=-":
        return 0, size
    first, last = match[1], match[2]
    if not first:
        length = int(last)
        return (max(size - length, 0), size) if length else None
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    return (start, end) if start < min(size, end) else None


handlers = [content]
