"""Reads logs of anchors: every line signed by a known key, every line after the one before.

Standard library and ``cryptography`` only: the verifier needs this file, see ``verify.py``.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from palabre.audit.formats import Bad, Chain, anchor_text, name_of


@dataclass
class Anchored:
    """What verified anchors say of one chain: the hash each number had, and when it was signed."""

    hashes: dict[int, tuple[str, int]] = field(default_factory=dict)

    def newest(self, until: int) -> int:
        """Return the newest entry signed by then; what was signed later need not be there."""
        return max((n for n, (_, at) in self.hashes.items() if at <= until), default=0)


Anchors = dict[Chain, Anchored]


def read_anchors(path: Path, keys: Sequence[str], into: Anchors) -> int:
    """Check one log of anchors, a file or a folder of them, and return how many it holds.

    Args:
        path: File, or folder whose ``*.jsonl`` are read by name.
        keys: Public keys that may have signed, as hex.
        into: Where the anchored heads are noted.

    Raises:
        Bad: A line was changed, removed, added, moved or signed by somebody else.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    known = {key: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in keys}
    prev, count = None, 0
    for file in files:
        for number, raw in enumerate(file.read_bytes().splitlines(), 1):
            line = _anchor_line(raw)
            if line is None:
                continue  # torn by a crash; a line that mattered is missed by the next one
            prev = _check_anchor(line, prev, known, f"anchors {file.name}, line {number}")
            _note(line, into, f"anchors {file.name}, line {number}")
            count += 1
    if not count:
        raise Bad(f"anchors {path.name}", "no anchor is there")
    return count


def _anchor_line(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _check_anchor(
    line: dict[str, Any], prev: str | None, keys: dict[str, Ed25519PublicKey], where: str
) -> str:
    """Check link and signature of one anchor and return its hash."""
    try:
        signed = anchor_text(line["at"], line["prev"], [tuple(h) for h in line["heads"]])
        key, signature = line["key"], bytes.fromhex(line["signature"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Bad(where, "a field is missing or of another kind") from error
    if key not in keys:
        raise Bad(where, f"signed by the unknown key {key}")
    try:
        keys[key].verify(signature, signed)
    except InvalidSignature as error:
        raise Bad(where, "the signature does not fit: the anchor was changed") from error
    if prev is not None and line["prev"] != prev:
        raise Bad(where, "does not follow the anchor before it: one was removed, added or moved")
    return hashlib.sha256(signed).hexdigest()


def _note(line: dict[str, Any], into: Anchors, where: str) -> None:
    for agency, client, n, head in line["heads"]:
        anchored = into.setdefault((agency, client), Anchored())
        known = anchored.hashes.setdefault(n, (head, line["at"]))
        if known[0] != head:
            raise Bad(where, f"two hashes for entry {n} of {name_of((agency, client))}", n=n)
