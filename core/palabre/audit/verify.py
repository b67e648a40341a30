"""Verifies an export of audit chains, trusting neither our database nor the rest of our code.

Needs Python 3.11, ``cryptography``, this file and ``formats.py``: copied to folders of the same
names, ``python -m palabre.audit.verify EXPORT --anchors FILE --key KEY`` runs anywhere.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from palabre.audit.formats import (
    ENTRY_FIELDS,
    ENTRY_LABEL,
    EXPORT_FORMAT,
    EXPORT_VERSION,
    Bad,
    Chain,
    anchor_text,
    canonical,
    name_of,
    personal_digest,
)

_fields = itemgetter(*ENTRY_FIELDS)


@dataclass
class Anchored:
    """What verified anchors say of one chain: the hash each number had, and when it was signed."""

    hashes: dict[int, tuple[str, int]] = field(default_factory=dict)
    newest: int = 0


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
    return count


def _anchor_line(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
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
        anchored.newest = max(anchored.newest, n)


@dataclass
class Report:
    """A chain that was found whole."""

    chain: Chain
    entries: int = 0
    erased: int = 0
    """Entries whose personal side row is gone."""
    anchors: int = 0
    anchored_to: int = 0
    """The newest entry an anchor vouches for, with every one before it."""


def verify(lines: Iterable[bytes], anchors: Anchors | None = None) -> list[Report]:
    """Verify an export and return one report per chain.

    Raises:
        Bad: The first thing that is wrong; ``n`` is the number of the entry in its chain.
    """
    numbered = enumerate(lines, 1)
    covered = _covered(next(numbered, (1, b""))[1], anchors or {})
    found: dict[Chain, _Reader] = {}
    reader: _Reader | None = None
    for number, raw in numbered:
        line = _object(raw, number)
        if "heads" in line:
            if next(numbered, None) is not None:
                raise Bad(f"line {number + 1}", "something follows the end of the export")
            _check_ends(line, found, covered)
            return [one.report for one in found.values()]
        chain = _chain(line, number)
        if reader is None or chain != reader.report.chain:
            if chain in found or not covered.has(chain):
                raise Bad(f"line {number}", f"{name_of(chain)} does not belong here")
            reader = found[chain] = _Reader(chain, covered.anchors.get(chain))
        reader.entry(line, number)
    raise Bad("the end", "the export is not complete: its last line is missing")


def _chain(line: dict[str, Any], number: int) -> Chain:
    agency, client = line.get("agency"), line.get("client")
    if not isinstance(agency, str) or not isinstance(client, str | None):
        raise Bad(f"line {number}", "agency or client is missing or of another kind")
    return agency, client


class _Reader:
    """Follows one chain from its first entry."""

    def __init__(self, chain: Chain, anchored: Anchored | None) -> None:
        self.report = Report(chain)
        self.last = ""
        self._anchored = anchored or Anchored()

    def entry(self, line: dict[str, Any], number: int) -> None:
        """Check that an entry follows, is what its hash says, and is what was anchored."""
        n = self.report.entries + 1
        try:
            self._link(line, n, number)
            self._personal(line, n, number)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._bad(n, number, "a field is missing or of another kind") from error
        self.report.entries = n
        if n in self._anchored.hashes:
            self._is_anchored(n, number)

    def _link(self, line: dict[str, Any], n: int, number: int) -> None:
        agency, client, id_, stated, at, *rest = _fields(line)
        if stated != n:
            raise self._bad(n, number, f"not there: entry {stated} comes after {n - 1}")
        if rest[-1] != self.last:
            raise self._bad(n, number, f"does not follow entry {n - 1}")
        text = canonical(ENTRY_LABEL, agency, client, id_, str(stated), str(at), *rest)
        self.last = hashlib.sha256(text.encode()).hexdigest()
        if self.last != line["hash"]:
            raise self._bad(n, number, "its fields are not those its hash was made of")

    def _personal(self, line: dict[str, Any], n: int, number: int) -> None:
        side = line["personal"]
        if side is None:
            self.report.erased += 1
            return
        salt = bytes.fromhex(side["salt"])
        digest = personal_digest(salt, side["actor_name"], side["ip"], side["user_agent"])
        if digest.hex() != line["personal_digest"]:
            raise self._bad(n, number, "name, address or browser of the actor was changed")

    def _is_anchored(self, n: int, number: int) -> None:
        head, at = self._anchored.hashes[n]
        if head != self.last:
            since = self.report.anchored_to + 1
            which = "it was" if since == n else f"something in {since} to {n} was"
            raise self._bad(n, number, f"not what was signed at {_moment(at)}: {which} rewritten")
        self.report.anchors += 1
        self.report.anchored_to = n

    def _bad(self, n: int, number: int, why: str) -> Bad:
        return Bad(f"{name_of(self.report.chain)}, entry {n} (line {number})", why, n=n)


@dataclass
class _Covered:
    """Which chains an export claims to hold, and the anchors of those."""

    agency: str
    client: str | None
    all_chains: bool
    anchors: Anchors

    def has(self, chain: Chain) -> bool:
        """Tell whether the chain should be in the export."""
        return chain[0] == self.agency and (self.all_chains or chain[1] == self.client)


def _covered(raw: bytes, anchors: Anchors) -> _Covered:
    header = _object(raw, 1)
    if (header.get("format"), header.get("version")) != (EXPORT_FORMAT, EXPORT_VERSION):
        raise Bad("line 1", f"not an export of version {EXPORT_VERSION}")
    covered = _Covered(
        header.get("agency", ""), header.get("client"), header.get("all") is True, {}
    )
    covered.anchors = {chain: found for chain, found in anchors.items() if covered.has(chain)}
    return covered


def _check_ends(line: dict[str, Any], found: dict[Chain, _Reader], covered: _Covered) -> None:
    """Check that every chain goes as far as its head and its newest anchor say."""
    try:
        heads: dict[Chain, tuple[int, str]] = {(a, c): (int(n), h) for a, c, n, h in line["heads"]}
    except (TypeError, ValueError) as error:
        raise Bad("the last line", "the heads are of another kind") from error
    for chain in dict.fromkeys([*found, *heads, *covered.anchors]):
        reader = found.get(chain) or _Reader(chain, None)
        last, head = heads.get(chain, (0, ""))
        until, missing = (
            reader.report.entries,
            f"{name_of(chain)}, entry {reader.report.entries + 1}",
        )
        anchored = covered.anchors.get(chain, Anchored()).newest
        if until < anchored:
            why = f"not there, but entry {anchored} was signed: the end was cut off"
            raise Bad(missing, why, n=until + 1)
        if until < last:
            raise Bad(missing, f"not there, but the chain has {last}", n=until + 1)
        if (until, reader.last) != (last, head):
            raise Bad(f"{name_of(chain)}, entry {until}", "not the head of the chain", n=until)


def _object(raw: bytes, number: int) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise Bad(f"line {number}", "not a JSON object")
    return line


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def _tell(report: Report, *, with_anchors: bool) -> str:
    told = f"{name_of(report.chain)}: {report.entries} entries follow each other"
    if report.erased:
        told += f", {report.erased} without personal data (erased)"
    if with_anchors:
        told += f"; {report.anchors} anchors fit, signed up to entry {report.anchored_to}"
    return told + "."


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the export named on the command line; return 0 when it is whole, else 1."""
    parser = argparse.ArgumentParser(prog="verify", description="Verify an export of audit chains.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--anchors", type=Path, action="append", default=[], metavar="FILE",
                        help="file or folder of anchors; may be given again")  # fmt: skip
    parser.add_argument("--key", action="append", default=[], metavar="PUBLIC_KEY",
                        help="as `palabre audit key` prints it; may be given again")  # fmt: skip
    chosen = parser.parse_args(arguments)
    if chosen.anchors and not chosen.key:
        parser.error("--anchors needs --key: an anchor proves nothing without knowing its signer")
    anchors: Anchors = {}
    try:
        signed = sum(read_anchors(path, chosen.key, anchors) for path in chosen.anchors)
        with chosen.export.open("rb") as lines:
            reports = verify(lines, anchors)
    except (Bad, OSError) as bad:
        sys.stderr.write(f"BAD  {bad}\n")
        return 1
    for report in reports:
        sys.stdout.write(_tell(report, with_anchors=bool(chosen.anchors)) + "\n")
    proof = f"{signed} anchors" if signed else "no anchors: a cut end or a new chain would not show"
    sys.stdout.write(f"OK   {sum(report.entries for report in reports)} entries, {proof}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
