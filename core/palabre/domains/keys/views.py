"""What goes out about API keys."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from palabre.domains.keys.text import Kind


class ApiKey(Struct, frozen=True, kw_only=True):
    """An API key without its secret. ``key``: the whole text of a publishable one."""

    id: UUID
    kind: Kind
    name: str
    prefix: str
    key: str | None
    state: Literal["active", "expired", "revoked"]
    scopes: list[str]
    origins: list[str]
    addresses: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_ip: str


class PublicKey(Struct, frozen=True, kw_only=True):
    """Whom a publishable key names."""

    name: str
    client_id: UUID
    origins: list[str]
