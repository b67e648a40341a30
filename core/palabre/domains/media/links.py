"""Signed addresses of files: who has one may fetch the file until it ends, nobody can make one."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from uuid import UUID

from msgspec import Struct

from palabre.base.errors import NotFound
from palabre.base.settings import Settings

PREFIX: Final = "/content"
STEP_S: Final = 300
"""Ends are rounded up to this, so that a list read twice gives the same addresses."""
_PURPOSE: Final = b"palabre content link v1"
_ID: Final = 16
_TIME: Final = 8
_BODY: Final = 3 * _ID + _TIME
_MAC: Final = 32


class Linked(Struct, frozen=True, kw_only=True):
    """What a link names, after its signature was checked."""

    agency_id: UUID
    client_id: UUID
    media_id: UUID
    until: datetime


def make(
    settings: Settings,
    agency_id: UUID,
    client_id: UUID,
    media_id: UUID,
    filename: str,
    *,
    now: datetime,
    ttl_s: int = 3600,
) -> str:
    """Return an address that works for at least ``ttl_s`` seconds, without signing in."""
    end = -(-(int(now.timestamp()) + ttl_s) // STEP_S) * STEP_S
    body = agency_id.bytes + client_id.bytes + media_id.bytes + end.to_bytes(_TIME, "big")
    token = base64.urlsafe_b64encode(body + _mac(settings, body)).decode().rstrip("=")
    return f"{settings.content_url}{PREFIX}/{token}/{quote(filename, safe='')}"


def read(settings: Settings, token: str, *, now: datetime) -> Linked:
    """Return what a token names.

    Raises:
        NotFound: It was altered, is not ours, or has ended.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotFound from None
    body, mac = raw[:_BODY], raw[_BODY:]
    if len(raw) != _BODY + _MAC or not hmac.compare_digest(mac, _mac(settings, body)):
        raise NotFound
    until = datetime.fromtimestamp(int.from_bytes(body[-_TIME:], "big"), UTC)
    if until <= now:
        raise NotFound
    agency, client, media = (UUID(bytes=body[n : n + _ID]) for n in (0, _ID, 2 * _ID))
    return Linked(agency_id=agency, client_id=client, media_id=media, until=until)


def _mac(settings: Settings, body: bytes) -> bytes:
    key = hmac.digest(settings.signing_key.encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)
