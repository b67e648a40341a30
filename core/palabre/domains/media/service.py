"""The client's files: what other rooms may call."""

from palabre.domains.media.checking import Picture, look_at
from palabre.domains.media.library import (
    Media,
    describe,
    in_use,
    page,
    refs,
    remove,
    show,
    some,
)
from palabre.domains.media.links import PREFIX, Linked
from palabre.domains.media.links import read as read_link
from palabre.domains.media.reader import LibraryMedia, find, read_file
from palabre.domains.media.uploading import MAX_BYTES, add

__all__ = [
    "MAX_BYTES",
    "PREFIX",
    "LibraryMedia",
    "Linked",
    "Media",
    "Picture",
    "add",
    "describe",
    "find",
    "in_use",
    "look_at",
    "page",
    "read_file",
    "read_link",
    "refs",
    "remove",
    "show",
    "some",
]
