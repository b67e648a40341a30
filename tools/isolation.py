"""The whole isolation proof: ``make isolation`` prints its seed and writes the committed report.

``ISOLATION_SEED`` repeats a run. The short form of the same attacks is part of ``make test``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.isolation.matrix import DIVISION, REFUSALS, Matrix, Tally, seed_of_the_run
from tests.isolation.operations import OPERATIONS
from tests.isolation.storm import POOL, TASKS, Count, Storm
from tests.isolation.test_controls import LEAKS, with_statements
from tests.support import databases
from tests.support.databases import DatabaseUrls
from tests.support.servers import temporary_servers

REPORT = Path(__file__).parent.parent / "docs" / "reports" / "isolation.txt"
ATTACKERS = (("A1", "A2", "B1"), ("B2", "B1", "A2"))
LEAST = 10_000
LABELS = {**REFUSALS, DIVISION: "the predicate met its own row"}
TRANSACTIONS_EACH = 20


def attack(urls: DatabaseUrls, seed: int, names: tuple[str, str, str]) -> Tally:
    """Run the matrix as one attacker, in a process of its own."""
    return asyncio.run(Matrix(urls, seed).run([names]))


def control(urls: DatabaseUrls, leak: str) -> int:
    """Return the foreign rows the matrix reports with one wall down."""
    return asyncio.run(with_statements(urls, LEAKS[leak])).foreign_rows


def main() -> int:
    """Run everything; return 1 if anything foreign was seen or nothing was proved."""
    seed, started = seed_of_the_run(), time.monotonic()
    print(f"seed {seed}", flush=True)
    with temporary_servers() as (_, servers):
        admin = servers.admin_url
        databases.make_template(admin, "isolation")

        def copy(name: str) -> DatabaseUrls:
            return databases.copy_template(admin, "isolation", f"isolation_{name}")

        with ProcessPoolExecutor(max_workers=2) as pool:
            running = [
                pool.submit(attack, copy(str(n)), seed, names) for n, names in enumerate(ATTACKERS)
            ]
            tallies = [future.result() for future in running]
        storm = asyncio.run(Storm(copy("storm"), seed).run(TRANSACTIONS_EACH))
        controls = {leak: control(copy(f"c{n}"), leak) for n, leak in enumerate(LEAKS)}
    faults = [line for tally in tallies for line in tally.faults()]
    passed = (
        not faults
        and sum(tally.attempts for tally in tallies) >= LEAST
        and not (storm.wrong or storm.left_checked_out)
        and all(controls.values())
    )
    text = report(seed, tallies, storm, controls, passed=passed)
    print(text, *faults, f"\n{time.monotonic() - started:.0f} s", sep="\n")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    return 0 if passed else 1


def report(
    seed: int, tallies: list[Tally], storm: Count, controls: dict[str, int], *, passed: bool
) -> str:
    """Return the report."""
    relations, operations, contexts, refusals = (
        sum((getattr(tally, name) for tally in tallies), Counter[str]())
        for name in ("relations", "operations", "contexts", "refusals")
    )
    working = {o.name for o in OPERATIONS if not (o.always or o.free)}
    proven = set.intersection(*(tally.effective for tally in tallies)) & working
    reasons = Counter({f"{code} {LABELS.get(code, '')}": n for code, n in refusals.items()})
    changed = sum(len(tally.changed_tables) for tally in tallies)
    lines = [
        f"Isolation of clients: {'PASSED' if passed else 'FAILED'}",
        f"Command: ISOLATION_SEED={seed} make isolation",
        "",
        "Relation matrix (two agencies, two clients each, a canary in every column)",
        f"  attempts                                    {sum(contexts.values())}",
        f"  foreign rows read or changed                {sum(t.foreign_rows for t in tallies)}",
        f"  attempts without a scope that were answered {sum(len(t.silent) for t in tallies)}",
        f"  attempts that prove nothing                 {sum(len(t.broken) for t in tallies)}",
        f"  tables changed afterwards                   {changed}",
        f"  operations seen to work on own rows         {len(proven)} of {len(working)}",
        *_listed("Relations", relations),
        *_listed("Operations", operations),
        *_listed("Scopes", contexts),
        *_listed("Refusals", reasons),
        "",
        f"Pool: {TASKS} tasks x 50 clients on a pool of {POOL}",
        f"  transactions          {storm.transactions}",
        f"  wrong client          {storm.wrong}",
        f"  connections lost      {storm.left_checked_out}",
        *_listed("Ends", Counter(storm.ended)),
        "",
        "Negative controls: foreign rows reported with the wall down (0 would be a fault)",
        *(f"  {name:<44}{count}" for name, count in controls.items()),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _listed(title: str, counts: Counter[str]) -> list[str]:
    return ["", f"{title} ({len(counts)})", *(f"  {k:<52}{counts[k]}" for k in sorted(counts))]


if __name__ == "__main__":
    sys.exit(main())
