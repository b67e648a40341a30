"""Check the import contracts of tools/contracts.ini over every distribution in the checkout."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tools.members import ROOT, members

NOTHING = "(?!)"


def main() -> int:
    """Fill in the template and run import-linter on it; return its status."""
    plugins = [member for member in members() if member.is_plugin]
    text = filled_in(
        plugins=[member.package for member in plugins],
        platforms=[member.package for member in plugins if member.has_entry_point],
    )
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "contracts.ini"
        config.write_text(text, "utf-8")
        status = lint_imports(config_filename=str(config), no_cache=True, show_timings=False)
    return 0 if status == EXIT_STATUS_SUCCESS else 1


def filled_in(*, plugins: Sequence[str], platforms: Sequence[str]) -> str:
    """Return the contracts for these plugins; ``platforms`` are those with an entry point."""
    text = (ROOT / "tools" / "contracts.ini").read_text("utf-8")
    names = {
        "{root_plugins}": "\n    ".join(plugins),
        "{plugins}": "|".join(plugins) or NOTHING,
        "{platforms}": "|".join(platforms) or NOTHING,
        "{stdlib}": "|".join(sorted(sys.stdlib_module_names)),
    }
    for name, value in names.items():
        text = text.replace(name, value)
    return text


if __name__ == "__main__":
    sys.exit(main())
