"""Logos: taken as pictures only, drawn anew, and served under an address nobody can guess."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import tempfile
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select

from palabre.base.errors import FieldProblem, Invalid, NotFound, TooLarge
from palabre.base.settings import Settings
from palabre.db.scope import Scope
from palabre.domains.branding.tables import branding
from palabre.domains.media import service as media
from palabre.domains.runtime import Runtime

MAX_BYTES: Final = 1024 * 1024
MAX_SIDE: Final = 2000
"""Pixels; a logo is shown 28 pixels high."""
PREFIX: Final = "/content/logos"
_MAX_DRAWN: Final = 4 * MAX_BYTES
"""Bytes after drawing anew, which may pack less well than the uploader did."""
_TYPES: Final = frozenset({"image/png", "image/webp", "image/jpeg"})
_PURPOSE: Final = b"palabre logo link v1"
_ID: Final = 16
_HASH: Final = 16
_BODY: Final = 2 * _ID + _HASH
_NOBODY: Final = UUID(int=0)


class Logo(Struct, frozen=True, kw_only=True):
    """A logo as we drew it."""

    content: bytes
    content_type: str
    sha256: str


async def take(source: IO[bytes], filename: str) -> Logo:
    """Check a logo by its content and draw it anew.

    Raises:
        TooLarge: The file, or what it becomes, is too large.
        Invalid: It is no PNG, WebP or JPEG, is broken, or has too many pixels.
    """
    with tempfile.TemporaryDirectory(prefix="palabre-logo-") as folder:
        raw, drawn = Path(folder, "raw"), Path(folder, "drawn")
        await asyncio.to_thread(_copy, source, raw, filename)
        picture = await media.look_at(raw, drawn, filename, afresh=True)
        if picture.content_type not in _TYPES:
            raise _refused("logo_kind", filename)
        if max(picture.width, picture.height) > MAX_SIDE:
            raise _refused("logo_too_many_pixels", filename)
        content = await asyncio.to_thread(drawn.read_bytes)
    if len(content) > _MAX_DRAWN:
        raise _too_large(filename)
    sha256 = hashlib.sha256(content).hexdigest()
    return Logo(content=content, content_type=picture.content_type, sha256=sha256)


def address(settings: Settings, row: Row[Any] | None) -> str | None:
    """Return where a branding row's logo is served, None without one.

    The address holds whose logo it is and its hash, signed: it serves until the logo changes, in
    mails and public pages too.
    """
    if row is None or row.logo_sha256 is None:
        return None
    owner = row.agency_id.bytes + (row.client_id or _NOBODY).bytes
    body = owner + bytes.fromhex(row.logo_sha256)[:_HASH]
    token = base64.urlsafe_b64encode(body + _mac(settings, body)).decode().rstrip("=")
    return f"{settings.content_url}{PREFIX}/{token}"


async def read(runtime: Runtime, token: str) -> Logo:
    """Return the logo of an address.

    Raises:
        NotFound: The address is not ours, or the logo has changed.
    """
    agency_id, client_id, digest = _decoded(runtime.settings, token)
    is_client = client_id != _NOBODY
    scope = Scope.of_client(agency_id, client_id) if is_client else Scope.of_agency(agency_id)
    owner_id = client_id if is_client else agency_id
    async with runtime.database.control(scope) as tx:
        row = await tx.one(
            select(branding.c.logo, branding.c.logo_type, branding.c.logo_sha256).where(
                branding.c.agency_id == agency_id,
                branding.c.id == owner_id,
                branding.c.logo_sha256.startswith(digest.hex()),
            )
        )
    return Logo(content=row.logo, content_type=row.logo_type, sha256=row.logo_sha256)


def _decoded(settings: Settings, token: str) -> tuple[UUID, UUID, bytes]:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotFound from None
    body, mac = raw[:_BODY], raw[_BODY:]
    if len(body) != _BODY or not hmac.compare_digest(mac, _mac(settings, body)):
        raise NotFound
    return UUID(bytes=body[:_ID]), UUID(bytes=body[_ID : 2 * _ID]), body[2 * _ID :]


def _mac(settings: Settings, body: bytes) -> bytes:
    key = hmac.digest(settings.signing_key.encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)


def _copy(source: IO[bytes], target: Path, filename: str) -> None:
    content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_large(filename)
    if not content:
        raise _refused("media_empty", filename)
    target.write_bytes(content)


def _too_large(filename: str) -> TooLarge:
    return TooLarge("file_too_large", filename=filename[:120], max=MAX_BYTES // (1024 * 1024))


def _refused(code: str, filename: str) -> Invalid:
    return Invalid(FieldProblem(field="file", code=code, params={"filename": filename[:120]}))
