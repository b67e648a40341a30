"""Remove what the other commands made, including the data of the demo (standard library only)."""

from __future__ import annotations

import fcntl
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE = (".venv", ".palabre", "api/dashboard/node_modules", "api/palabre_api/static/dashboard")
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")


def main() -> None:
    """Remove environment, state, build output and caches, and name what was big."""
    sys.path.insert(0, str(ROOT / "core"))
    sys.dont_write_bytecode = True
    from palabre.embedded.paths import ROOT_STATE, default_state_dir

    state = default_state_dir(ROOT)
    if _in_use(state / "servers.lock"):
        sys.exit("Stopped: the demo runs in this checkout. End it with Ctrl-C, then clean.")
    made = {ROOT / name for name in MADE} | {state}
    for path in [*sorted(made), *(ROOT / name for name in CACHES), *_bytecode(ROOT)]:
        if path.exists():
            shutil.rmtree(path)
            if path in made:
                print(f"removed {path}")
    if ROOT_STATE.exists() and state.parent == ROOT_STATE and not any(ROOT_STATE.iterdir()):
        ROOT_STATE.rmdir()


def _in_use(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _bytecode(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name == "__pycache__":
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _bytecode(path)


if __name__ == "__main__":
    main()
