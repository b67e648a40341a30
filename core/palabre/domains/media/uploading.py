"""A file comes in: copied with a limit, looked at, cleaned, handed to the store, then listed."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final
from uuid import UUID

import structlog

from palabre.audit.record import record
from palabre.base.errors import FieldProblem, Invalid, TooLarge, Unavailable
from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.media import reader
from palabre.domains.media.checking import Picture, look_at
from palabre.domains.media.tables import media
from palabre.domains.runtime import Runtime
from palabre.plugins.dispatch import dispatch
from palabre.sdk.errors import PluginError
from palabre.sdk.stores import MediaMeta, StoredMedia

MAX_BYTES: Final = 25 * 1024 * 1024
"""Largest picture taken."""
MAX_ALT: Final = 1000
_CHUNK: Final = 1 << 20
_NAME: Final = re.compile(r"[^\w .()+-]+")

_log = structlog.get_logger(__name__)


async def add(
    runtime: Runtime, scope: Scope, source: IO[bytes], filename: str, alt_text: str = ""
) -> UUID:
    """Check a file by its content, clean it, store it, and return its id.

    Raises:
        TooLarge: It has more than ``MAX_BYTES``.
        Invalid: It is no picture we take, is broken or too large to decode.
        Unavailable: The store does not take it now.
    """
    check_alt(alt_text)
    name = clean_name(filename)
    with tempfile.TemporaryDirectory(prefix="palabre-upload-") as folder:
        raw, cleaned = Path(folder, "raw"), Path(folder, "clean")
        await asyncio.to_thread(_copy, source, raw, name)
        picture = await look_at(raw, cleaned, name)
        file = await asyncio.to_thread(_result, raw, cleaned)
        return await _keep(runtime, scope, file, picture, name, alt_text)


def clean_name(filename: str) -> str:
    """Return a name without path and without signs that mean something to a file system."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return _NAME.sub("_", last).strip(" .")[:120] or "file"


def check_alt(alt_text: str) -> None:
    """Refuse a description that is too long.

    Raises:
        Invalid: It has more than ``MAX_ALT`` characters.
    """
    if len(alt_text) > MAX_ALT:
        raise Invalid(FieldProblem(field="alt_text", code="too_long", params={"max": MAX_ALT}))


def _copy(source: IO[bytes], target: Path, filename: str) -> None:
    """Copy an upload to a file of ours, no further than the limit."""
    size = 0
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge("file_too_large", filename=filename, max=MAX_BYTES // (1024 * 1024))
            out.write(chunk)
    if not size:
        raise Invalid(FieldProblem(field="file", code="media_empty", params={"filename": filename}))


async def _keep(
    runtime: Runtime, scope: Scope, file: Path, picture: Picture, filename: str, alt_text: str
) -> UUID:
    """Hand the file to the store, then list it; a file that cannot be listed is taken back."""
    media_id, store = new_id(), reader.OWN_STORE
    day = runtime.clock.now().strftime("%Y%m%d")
    base = f"{scope.agency_id}/{scope.client_id}/originals"
    name = f"{Path(filename).stem or 'file'}.{picture.extension}"
    meta = MediaMeta(
        path=f"{base}/{day}_{media_id}.{picture.extension}",
        content_type=picture.content_type,
        size=await asyncio.to_thread(_size, file),
        filename=name,
    )
    kept = await _store(runtime, scope, store, meta, file)
    try:
        async with runtime.database.transaction(scope) as tx:
            await tx.insert(
                media,
                id=media_id,
                store=store,
                locator=kept.locator,
                filename=name,
                content_type=picture.content_type,
                size=kept.size,
                width=picture.width,
                height=picture.height,
                sha256=await asyncio.to_thread(_digest, file),
                alt_text=alt_text,
                created_by=scope.actor.id,
            )
            record(tx, "media.add", "media", media_id, content_type=picture.content_type)
    except BaseException:
        await unstore(runtime, scope, store, kept.locator)
        raise
    return media_id


async def _store(
    runtime: Runtime, scope: Scope, store: str, meta: MediaMeta, file: Path
) -> StoredMedia:
    view_, ctx = await reader.store_call(runtime, scope, store)
    try:
        kept: StoredMedia = await dispatch(
            view_, "media", store, "put", ctx, meta=meta, body=_chunks(file)
        )
    except PluginError as error:
        _log.warning("media_not_stored", store=store, code=error.code, why=error.internal)
        raise Unavailable("media_store_unavailable") from error
    return kept


async def unstore(runtime: Runtime, scope: Scope, store: str, locator: str) -> None:
    """Remove a file nobody lists any more; if the store fails now, it stays there unlisted."""
    view_, ctx = await reader.store_call(runtime, scope, store)
    try:
        await dispatch(view_, "media", store, "delete", ctx, locator=locator)
    except PluginError as error:
        _log.warning("media_left_behind", store=store, locator=locator, code=error.code)


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            yield chunk


def _result(raw: Path, cleaned: Path) -> Path:
    return cleaned if cleaned.exists() else raw


def _size(file: Path) -> int:
    return file.stat().st_size


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
