"""What goes out about clients and brands."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from palabre.base.words import Locale

Isolation = Literal["pooled", "dedicated"]
"""Whether a client shares a database with others or has its own."""


class Client(Struct, frozen=True, kw_only=True):
    """A client of the agency. ``time_zone``: IANA name; ``colour``: ``#rrggbb``."""

    id: UUID
    name: str
    slug: str
    time_zone: str
    locale: Locale
    colour: str
    isolation: Isolation
    created_at: datetime


class Brand(Struct, frozen=True, kw_only=True):
    """A brand of a client. ``voice``: how it speaks, in the client's own words."""

    id: UUID
    name: str
    voice: str
    created_at: datetime
