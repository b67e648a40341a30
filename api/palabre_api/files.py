"""Files shipped with the API, read once: hashed names for a year, the rest checked each time."""

import gzip
import hashlib
import mimetypes
import re
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response
from msgspec import Struct

from palabre.base.errors import NotFound

_HASHED: Final = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_TEXT: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")
_WORTH_PACKING: Final = 1000


class _File(Struct, frozen=True, kw_only=True):
    content: bytes
    packed: bytes | None
    media_type: str
    etag: str
    caching: str


class Folder:
    """The files below a folder as they were when first asked for; nothing else can be reached."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, _File] | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._loaded()

    def answer(self, request: Request[Any, Any, Any], name: str) -> Response[bytes]:
        """Return the file's answer, 304 when the caller has it already.

        Raises:
            NotFound: There is no such file.
        """
        file = self._loaded().get(name)
        if file is None:
            raise NotFound
        headers = {"ETag": file.etag, "Cache-Control": file.caching, "Vary": "Accept-Encoding"}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
        content = file.content
        if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
            content = file.packed
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=file.media_type)

    def _loaded(self) -> dict[str, _File]:
        if not self._files:  # also looks again while the dashboard is being built
            self._files = {
                path.relative_to(self._root).as_posix(): _read(path)
                for path in sorted(self._root.rglob("*"))
                if path.is_file() and not path.is_symlink()
            }
        return self._files


def _read(path: Path) -> _File:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = media_type.startswith(_TEXT)
    return _File(
        content=content,
        packed=gzip.compress(content, 6) if text and len(content) > _WORTH_PACKING else None,
        media_type=f"{media_type}; charset=utf-8" if text else media_type,
        etag=f'"{hashlib.sha256(content).hexdigest()[:20]}"',
        caching="public, max-age=31536000, immutable" if _HASHED.search(path.name) else "no-cache",
    )
