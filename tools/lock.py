"""Write requirements/*.lock: every version pinned and hashed, no address in any line.

Run as ``make lock`` after changing a dependency, ``make lock UPGRADE=1`` to take newer releases.
The runtime set comes from the pyproject files of our own distributions, with every extra, because
a checkout runs all of it; our own names are left out, they are installed editable.
"""

from __future__ import annotations

import subprocess
import sys

from tools.members import ROOT, members

REQUIREMENTS = ROOT / "requirements"
OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-strip-extras"]
OPTIONS += [
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
]


def lock(name: str, wanted: list[str], constraints: list[str], *, upgrade: bool) -> None:
    """Resolve ``wanted`` into ``requirements/<name>.lock``, keeping pins unless ``upgrade``."""
    command: list[str] = [sys.executable, "-m", "uv", "pip", "compile", "-", *OPTIONS]
    for other in constraints:
        command += ["--constraints", f"{other}.lock"]
    if upgrade:
        command.append("--upgrade")
    command += ["--output-file", f"{name}.lock"]
    subprocess.run(command, cwd=REQUIREMENTS, input="\n".join(wanted), text=True, check=True)
    print(f"requirements/{name}.lock written")


def main() -> None:
    """Write the four lock files; the later ones are constrained by the earlier ones."""
    upgrade = "--upgrade" in sys.argv[1:]
    listed = {
        name: (REQUIREMENTS / f"{name}.in").read_text("utf-8").splitlines()
        for name in ("bootstrap", "build", "dev")
    }
    runtime = sorted({line for member in members() for line in member.requirements})
    lock("bootstrap", listed["bootstrap"], [], upgrade=upgrade)
    lock("runtime", runtime, [], upgrade=upgrade)
    lock("build", listed["build"], ["bootstrap", "runtime"], upgrade=upgrade)
    everything = [*runtime, *listed["build"], *listed["dev"]]
    lock("dev", everything, ["runtime", "build"], upgrade=upgrade)


if __name__ == "__main__":
    main()
