"""The kinds of notices, and which of them reach people where, unless they chose otherwise."""

from typing import Final, Literal, get_args

from msgspec import Struct

Kind = Literal[
    "publication_failed",
    "publication_needs_person",
    "account_needs_reconnect",
    "publication_published",
    "mail_failed",
]
Chosen = Literal[
    "publication_failed",
    "publication_needs_person",
    "account_needs_reconnect",
    "publication_published",
]
"""Kinds people may have differently. A mail that failed is told in the product, always."""
CHOSEN: Final[tuple[Chosen, ...]] = get_args(Chosen)


class Channels(Struct, frozen=True, kw_only=True):
    """Where a kind reaches somebody."""

    in_app: bool
    email: bool


DEFAULTS: Final[dict[Kind, Channels]] = {
    "publication_failed": Channels(in_app=True, email=True),
    "publication_needs_person": Channels(in_app=True, email=True),
    "account_needs_reconnect": Channels(in_app=True, email=True),
    "publication_published": Channels(in_app=True, email=False),
    "mail_failed": Channels(in_app=True, email=False),
}
