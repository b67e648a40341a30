"""Check the lock files: hashed, free of addresses, and in step with what our packages ask for."""

from __future__ import annotations

import re
import sys

from tools.members import ROOT, members

PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[^]]*\])?==\S+")


def main() -> int:
    """Print every fault and return 1 if there is one."""
    faults: list[str] = []
    for path in sorted((ROOT / "requirements").glob("*.lock")):
        text = path.read_text("utf-8")
        if "://" in text:
            faults.append(f"{path.name}: names an address")
        faults += [
            f"{path.name}: not pinned with a hash: {block.splitlines()[0]}"
            for block in re.split(r"\n(?=\S)", text.strip())
            if not PIN.match(block) or "--hash=sha256:" not in block
        ]
    faults += _missing()
    package_lock = ROOT / "api/dashboard/package-lock.json"
    if package_lock.exists():
        text = package_lock.read_text("utf-8")
        faults += [
            f"package-lock.json: {word}" for word in ('"resolved"', '"funding"') if word in text
        ]
    print("\n".join(faults))
    return 1 if faults else 0


def _missing() -> list[str]:
    lines = (ROOT / "requirements/runtime.lock").read_text("utf-8").splitlines()
    pinned = {match[1].lower() for line in lines if (match := PIN.match(line))}
    wanted = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0].lower()
        for member in members()
        for line in member.requirements
    }
    return [f"runtime.lock lacks {name}: run `make lock`" for name in sorted(wanted - pinned)]


if __name__ == "__main__":
    sys.exit(main())
