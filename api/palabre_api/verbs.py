"""Addresses that end in ``<id>:<verb>``: Litestar routes whole segments, so they are spread out."""

import re
from typing import Final

_VERB: Final = re.compile(
    r"(/v1/.*/[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}):([a-z_]+)"
)


def spread(path: str) -> str:
    """Return ``.../<id>/<verb>`` for ``.../<id>:<verb>``; other paths as they are."""
    match = _VERB.fullmatch(path)
    return f"{match[1]}/{match[2]}" if match else path
