"""Run the parts of ``make check`` and ``make test`` one after the other, with their times.

A part that passes takes one line; a part that fails shows its output. The checks all run, so that
one start shows every fault; the tests only follow when the checks are clean.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tools.chromium import find_chromium
from tools.members import ROOT, members

CODE = ["core", "api", "plugins", "tests", "tools", "bootstrap.py"]
PYTHON = [sys.executable, "-m"]
CHECKS: dict[str, list[str]] = {
    "format": [*PYTHON, "ruff", "format", "--check", *CODE],
    "lint": [*PYTHON, "ruff", "check", *CODE],
    "types": [*PYTHON, "mypy", *(part for m in members() for part in ("-p", m.package))],
    "layers": [*PYTHON, "tools.layers"],
    "licences": [*PYTHON, "tools.licences"],
    "locks": [*PYTHON, "tools.locks"],
    "locales": [*PYTHON, "tools.locales"],
    "migrations": [*PYTHON, "tools.migrations"],
    "dashboard": [*PYTHON, "tools.dashboard"],
}
TESTS = [*PYTHON, "pytest", "-q", "-n", "2", "--dist", "loadfile"]


def main() -> None:
    """Run the parts named on the command line; exit with 1 if one fails."""
    started = time.monotonic()
    wanted = [part for name in sys.argv[1:] for part in (CHECKS if name == "check" else [name])]
    checks = [name for name in wanted if name in CHECKS]
    passed = [check(name) for name in checks]
    ok = all(passed)
    for name in wanted:
        if ok and name in {"tests", "tests-system"}:
            ok = test("system" if name == "tests-system" else "embedded")
    print(f"{'All good' if ok else 'Failed'} after {time.monotonic() - started:.0f} s.")
    sys.exit(0 if ok else 1)


def check(name: str) -> bool:
    """Run one check quietly and return whether it passed."""
    print(f"  {name} ...", end="", flush=True)
    started = time.monotonic()
    ended = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": os.pathsep.join(str(m.folder) for m in members())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    passed = ended.returncode == 0
    print(f" {'' if passed else 'FAILED '}{time.monotonic() - started:.1f} s", flush=True)
    if not passed:
        print(ended.stdout, flush=True)
    return passed


def test(servers: str) -> bool:
    """Run every test on our servers or on the system's, and return whether they passed."""
    if servers == "system":
        require_system_servers()
    print(f"  tests on the {servers} servers", flush=True)
    environment = {**os.environ, "TEST_SERVERS": servers}
    browser = find_chromium()
    if browser is not None:
        environment["CHROMIUM_PATH"] = str(browser)
    return subprocess.run(TESTS, cwd=ROOT, env=environment, check=False).returncode == 0


def require_system_servers() -> None:
    """Stop with the command to run when the system has no PostgreSQL or no Redis of its own."""
    from palabre.embedded.binaries import find_postgres, find_valkey

    found = (find_postgres("system").folder, find_valkey("system").path)
    if any(ROOT / ".venv" in path.parents for path in found):
        sys.exit(
            "This part needs the system's own PostgreSQL and Redis. "
            "Debian: apt-get install --no-install-recommends postgresql redis-tools"
        )


if __name__ == "__main__":
    main()
