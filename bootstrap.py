"""Make this checkout ready to run or to test: the first half of ``make run`` and ``make test``.

Standard library only. Each step is skipped when what it depends on has not changed, so a second
start takes about a second.

    python3 bootstrap.py run      environment, our packages, dashboard
    python3 bootstrap.py check    the same with the tools that judge the code
    python3 bootstrap.py test     the same, and Chromium
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOCKS = ROOT / "requirements"
DASHBOARD = ROOT / "api" / "dashboard"
TYPES = DASHBOARD / "src" / "api" / "generated.ts"
DOCUMENT = ROOT / "api" / "openapi.json"
DASHBOARD_OUTPUT = ROOT / "api" / "palabre_api" / "static" / "dashboard"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)


class SetupError(RuntimeError):
    """A step failed; the message says what happened and the one thing to do."""


def main() -> None:
    """Run the command given on the command line."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in {"run", "check", "test"}:
        sys.exit(__doc__)
    try:
        prepare(command)
    except RuntimeError as error:
        sys.exit(f"\nStopped: {error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again to go on.")


def prepare(command: str) -> None:
    """Bring the checkout to the state that ``make run``, ``check`` or ``test`` needs."""
    started = time.monotonic()
    with one_at_a_time():
        make_environment()
        install_uv()
        install_locked(with_tools=command != "run")
        install_members()
        build_dashboard()
        if command == "test":
            from tools.chromium import provide_chromium

            provide_chromium(step)
    print(f"Set up in {time.monotonic() - started:.1f} s.", flush=True)


# --- steps ------------------------------------------------------------------------------------


def make_environment() -> None:
    """Create ``.venv``, again if its Python is gone (a moved checkout, an upgraded system)."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"this is Python {sys.version.split()[0]}, Palabre needs 3.11 or newer. "
            "Name a newer one: make run PYTHON=python3.12"
        )
    python = BIN / "python"
    if (VENV / "pyvenv.cfg").exists() and works([python, "-c", "import encodings"]):
        return
    with step("Python environment .venv"):
        shutil.rmtree(VENV, ignore_errors=True)
        # Debian's python3 comes without ensurepip, which venv only notices half-way.
        if not works([sys.executable, "-c", "import ensurepip, venv"]):
            raise SetupError(
                "this Python cannot make environments. Install the missing part "
                "(Debian, Ubuntu: apt-get install python3-venv) and try again."
            )
        run([sys.executable, "-m", "venv", VENV], hint="Is the disk full?")


def install_uv() -> None:
    """Install uv, which installs everything else ten times faster than pip."""
    lock = LOCKS / "bootstrap.lock"
    if not stale("uv", [lock]):
        return
    with step("installer (uv)"):
        pip: list[str | Path] = [
            BIN / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        run([*pip, "--no-deps", "--require-hashes", "-r", lock], hint=NETWORK_HINT)
        done("uv", [lock])


def install_locked(*, with_tools: bool) -> None:
    """Install exactly what the lock files say; tools stay when they are there already."""
    complete = [LOCKS / "dev.lock"]
    product = [LOCKS / "runtime.lock", LOCKS / "build.lock"]
    if not stale("packages", complete) or (not with_tools and not stale("packages", product)):
        return
    locks = complete if with_tools else product
    count = sum(lock.read_text("utf-8").count("==") for lock in locks)
    with step(f"{count} packages, with PostgreSQL, Valkey and Node"):
        forget("packages", "members")
        sync: list[str | Path] = [BIN / "uv", "pip", "sync", "--quiet", "--python", BIN / "python"]
        run([*sync, "--require-hashes", *locks], hint=NETWORK_HINT)
        done("packages", locks)


def install_members() -> None:
    """Install our own distributions so that edits take effect at once."""
    projects = [ROOT / "core/pyproject.toml", ROOT / "api/pyproject.toml"]
    projects += sorted(ROOT.glob("plugins/*/pyproject.toml"))
    if not stale("members", projects):
        return
    with step("our own packages"):
        install: list[str | Path] = [
            BIN / "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            BIN / "python",
        ]
        install += ["--no-deps", "--no-build-isolation"]
        editable = [f"--editable={project.parent}" for project in projects]
        run([*install, *editable], hint="Fix the pyproject.toml named above.")
        done("members", projects)


def build_dashboard() -> None:
    """Build the dashboard when its sources changed since the last build."""
    if not (DASHBOARD / "package.json").exists():
        return
    write_document()
    sources = [DOCUMENT, *(path for path in sorted(walk(DASHBOARD)) if path != TYPES)]
    if not stale("dashboard", sources) and DASHBOARD_OUTPUT.exists() and TYPES.exists():
        return
    environment = {**os.environ, "PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}"}
    lock = DASHBOARD / "package-lock.json"
    if stale("node_modules", [lock]) or not (DASHBOARD / "node_modules").exists():
        with step("dashboard: packages"):
            npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            run(npm, cwd=DASHBOARD, env=environment, hint=NETWORK_HINT)
            done("node_modules", [lock])
    with step("dashboard: types and build"):
        for part in ("types", "build"):
            run(["npm", "run", "--silent", part], cwd=DASHBOARD, env=environment, hint="See above.")
        done("dashboard", sources)


def write_document() -> None:
    """Let the API write its OpenAPI document, which the dashboard takes its types from."""
    folders = (ROOT / "core" / "palabre", ROOT / "api" / "palabre_api")
    sources = sorted(
        path for folder in folders for path in walk(folder) if path.suffix in {".py", ".json"}
    )
    if not stale("document", sources) and DOCUMENT.exists():
        return
    with step("dashboard: document of the API"):
        run([BIN / "python", "-m", "palabre_api.openapi", DOCUMENT], hint="See above.")
        done("document", sources)


# --- helpers ----------------------------------------------------------------------------------

NETWORK_HINT = (
    "If the network needs a proxy or its own certificates, set HTTPS_PROXY and SSL_CERT_FILE; "
    "then run the same command again, it goes on where it stopped."
)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"  {title} ...", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def run(
    command: Sequence[str | Path],
    *,
    hint: str,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
) -> None:
    """Run a command quietly; its output is shown only when it fails."""
    words = [str(word) for word in command]
    try:
        done_process = subprocess.run(
            words, cwd=cwd, env=env, text=True, capture_output=True, check=False
        )
    except OSError as error:
        raise SetupError(f"{words[0]} cannot be started ({error.strerror}). {hint}") from error
    if done_process.returncode != 0:
        output = (done_process.stdout + done_process.stderr).strip()
        raise SetupError(f"`{' '.join(words)}` failed:\n\n{output}\n\n{hint}")


def works(command: Sequence[str | Path]) -> bool:
    """Return whether a command can be started and succeeds."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def node_folder() -> Path:
    """Return the folder of a usable node and npm: the pinned one, else one on PATH."""
    for folder in (BIN, *map(Path, os.get_exec_path())):
        try:
            said = subprocess.run([folder / "node", "--version"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        numbers = said.stdout.decode().strip().lstrip("v").split(".")
        if tuple(int(number) for number in numbers[:2]) >= OLDEST_NODE:
            return folder
    raise SetupError("there is no Node for this system. Install Node 20.19 or newer, with npm.")


def stale(name: str, inputs: Iterable[Path]) -> bool:
    """Return whether a step has to run because its inputs differ from the last time."""
    return read_stamps().get(name) != digest(inputs)


def done(name: str, inputs: Iterable[Path]) -> None:
    """Remember that a step ran with these inputs."""
    write_stamps({**read_stamps(), name: digest(inputs)})


def forget(*names: str) -> None:
    """Make steps run again."""
    write_stamps({key: value for key, value in read_stamps().items() if key not in names})


def digest(inputs: Iterable[Path]) -> str:
    """Return a hash of the names and contents of files."""
    whole = hashlib.sha256()
    for path in inputs:
        whole.update(f"{path.relative_to(ROOT)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def read_stamps() -> dict[str, str]:
    """Return what is remembered; it lives in the environment, so it goes when that goes."""
    path = VENV / "palabre-steps.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write_stamps(stamps: dict[str, str]) -> None:
    """Replace what is remembered."""
    (VENV / "palabre-steps.json").write_text(json.dumps(stamps, indent=1), "utf-8")


def walk(folder: Path) -> Iterator[Path]:
    """Yield every file below ``folder`` that somebody wrote."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {"node_modules", "static", "__pycache__"}:
            yield from walk(path)
        elif path.is_file():
            yield path


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another set-up of the same checkout instead of disturbing it."""
    with (ROOT / "bootstrap.py").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
