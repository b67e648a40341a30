"""The client's content: what other rooms may call."""

from palabre.domains.content.pieces import (
    Piece,
    change,
    media_ids_of,
    page,
    remove,
    row_of,
    set_state,
    show,
    write,
)

__all__ = [
    "Piece",
    "change",
    "media_ids_of",
    "page",
    "remove",
    "row_of",
    "set_state",
    "show",
    "write",
]
