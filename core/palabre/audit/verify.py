"""Verifies an export of audit chains, trusting neither our database nor the rest of our code.

Needs Python 3.11, ``cryptography``, this file, ``anchor_log.py`` and ``formats.py``: copied to
folders of the same names, ``python -m palabre.audit.verify EXPORT --anchors FILE --key KEY`` runs
anywhere.
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

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from palabre.audit.anchor_log import Anchored, Anchors, read_anchors
from palabre.audit.formats import (
    ENTRY_FIELDS,
    ENTRY_LABEL,
    EXPORT_FORMAT,
    EXPORT_VERSION,
    Bad,
    Chain,
    canonical,
    name_of,
    personal_digest,
)

_fields = itemgetter(*ENTRY_FIELDS)


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
    made_at: int
    anchors: Anchors = field(default_factory=dict)

    def has(self, chain: Chain) -> bool:
        """Tell whether the chain should be in the export."""
        return chain[0] == self.agency and (self.all_chains or chain[1] == self.client)


def _covered(raw: bytes, anchors: Anchors) -> _Covered:
    header = _object(raw, 1)
    if (header.get("format"), header.get("version")) != (EXPORT_FORMAT, EXPORT_VERSION):
        raise Bad("line 1", f"not an export of version {EXPORT_VERSION}")
    agency, client, made_at = (header.get(name) for name in ("agency", "client", "made_at"))
    if not isinstance(agency, str) or type(made_at) is not int:
        raise Bad("line 1", "a field is missing or of another kind")
    covered = _Covered(agency, client, header.get("all") is True, made_at)
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
        until = reader.report.entries
        missing = f"{name_of(chain)}, entry {until + 1}"
        anchored = covered.anchors.get(chain, Anchored()).newest(covered.made_at)
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


def _key(text: str) -> str:
    """Return a public key as anchors name it.

    Raises:
        ValueError: It is no ed25519 key in hex.
    """
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)).public_bytes_raw().hex()


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the export named on the command line; return 0 when it is whole, else 1."""
    parser = argparse.ArgumentParser(prog="verify", description="Verify an export of audit chains.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--anchors", type=Path, action="append", default=[], metavar="FILE",
                        help="file or folder of anchors; may be given again")  # fmt: skip
    parser.add_argument("--key", type=_key, action="append", default=[], metavar="PUBLIC_KEY",
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
