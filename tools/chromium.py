"""Find Chromium for the browser tests, or fetch it (standard library only).

Debian's package is the only source: as root it is installed, as an ordinary user it is downloaded
with apt's own checks and unpacked below ``.palabre``, where nothing else uses it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".palabre" / "chromium"
LAUNCHER = HOME / "chromium"
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chrome", "chromium-browser")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
ADVICE = (
    "Install Chromium or Google Chrome, or set CHROMIUM_PATH to its program, then try again. "
    "`make run` does not need it."
)
_INSTALLED = "/var/lib/dpkg/status"
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{tree}/usr/share/fonts</dir>
  <cachedir>{home}/fontcache</cachedir>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
</fontconfig>
"""
_SCRIPT = """#!/bin/sh
# Starts the unpacked Chromium with the libraries that came with it.
export LD_LIBRARY_PATH='{libraries}'
export FONTCONFIG_FILE='{home}/fonts.conf'
exec '{tree}/usr/lib/chromium/chromium' "$@"
"""
Step = Callable[[str], AbstractContextManager[None]]


def find_chromium() -> Path | None:
    """Return the browser to test with, None when there is none yet."""
    given = os.environ.get("CHROMIUM_PATH")
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [given] if given else [*on_path, str(MAC), str(LAUNCHER)]
    return next((Path(path) for path in candidates if path and Path(path).exists()), None)


def provide_chromium(step: Step) -> Path:
    """Return the browser to test with, fetching it when the system has apt.

    Raises:
        RuntimeError: there is none and it cannot be fetched.
    """
    found = find_chromium()
    if found is None and not os.environ.get("CHROMIUM_PATH") and shutil.which("apt-get"):
        with step("Chromium for the browser tests (about 125 MB)"):
            _install() if os.geteuid() == 0 else _unpack()
        found = find_chromium()
    if found is None:
        raise RuntimeError(f"there is no browser to test with. {ADVICE}")
    return found


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _apt(["apt-get", "update"], environment)
    _apt(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], environment)


def _unpack() -> None:
    """Download the packages the system lacks and unpack them, without any right."""
    HOME.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = HOME.with_name("chromium.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in ("apt/state/lists/partial", "apt/cache/archives/partial", "tree"):
        (fresh / folder).mkdir(parents=True)
    apt = ["apt-get", "-o", f"Dir::State={fresh}/apt/state", "-o", f"Dir::Cache={fresh}/apt/cache"]
    # Known as installed is what the system has; locks belong to root and are not needed.
    apt += ["-o", f"Dir::State::status={_INSTALLED}", "-o", "Debug::NoLocking=1"]
    _apt([*apt, "update"], dict(os.environ))
    install = ["install", "-y", "--no-install-recommends", "--download-only", "chromium"]
    _apt([*apt, *install], dict(os.environ))
    for package in sorted((fresh / "apt/cache/archives").glob("*.deb")):
        _apt(["dpkg", "-x", str(package), str(fresh / "tree")], dict(os.environ))
    shutil.rmtree(fresh / "apt")
    shutil.rmtree(HOME, ignore_errors=True)
    fresh.rename(HOME)
    _write_launcher(HOME / "tree")


def _write_launcher(tree: Path) -> None:
    own = tree / "usr/lib/chromium"
    shared = {path.parent for path in tree.rglob("*.so*") if own not in path.parents}
    libraries = ":".join(str(folder) for folder in sorted(shared))
    (HOME / "fonts.conf").write_text(_FONTS.format(tree=tree, home=HOME), "utf-8")
    script = _SCRIPT.format(tree=tree, home=HOME, libraries=libraries)
    LAUNCHER.write_text(script, "utf-8")
    LAUNCHER.chmod(0o755)


def _apt(command: list[str], environment: dict[str, str]) -> None:
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        output = (ended.stdout + ended.stderr).strip()[-2000:]
        raise RuntimeError(f"`{' '.join(command)}` failed:\n\n{output}\n\n{ADVICE}")
