"""The whole product as its user starts it: ``palabre demo`` in a process of its own."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

READY_S = 90.0
STOP_S = 40.0
TAIL = 4000
"""Characters of each log that a failed test shows."""
_ADDRESS = re.compile(r"Palabre:\s+(http\S+)")
_SIMULATORS = re.compile(r"Simulated platforms:\s+(http\S+)")
_LINK = re.compile(r"Sign in once with:\s+(http\S+)")


class Product(Struct, kw_only=True):
    """A demo that runs."""

    url: str
    simulators: str
    link: str
    """The one-time sign-in link it printed."""
    state: Path
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def facebook(self) -> str:
        """Where browsers reach the simulated www.facebook.com."""
        return f"{self.simulators}/www.facebook.com"

    def logs(self) -> str:
        """Return how each log ends."""
        files = [self.output, *sorted((self.state / "app" / "logs").glob("*.log"))]
        return "\n".join(f"--- {file.name}\n{_tail(file)}" for file in files)


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[Product]:
    """Start the demo with ``environment`` on top of ours, in a state directory of its own."""
    # Not pytest's own folder: as root the servers run as an account that cannot enter it.
    with tempfile.TemporaryDirectory(prefix="palabre-e2e-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        state = Path(folder) / "state"
        output = Path(folder) / "output.txt"
        with _alone():
            process = _start(output, state, environment)
            try:
                started = _wait(process, state, output)
            except BaseException:
                _stop(process)
                raise
        try:
            yield started
        finally:
            _stop(process)


@contextmanager
def _alone() -> Iterator[None]:
    """Start one demo at a time on this machine: two that start together find the same port free."""
    with (Path(tempfile.gettempdir()) / f"palabre-e2e-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(output: Path, state: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with output.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "palabre.cli", "demo"],
            cwd=output.parent,
            env=_clean(os.environ) | {"PALABRE_STATE_DIR": str(state), **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out what would lead the demo to other servers or settings."""
    ours = ("PALABRE_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}


def _wait(process: subprocess.Popen[bytes], state: Path, output: Path) -> Product:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        text = output.read_text("utf-8")
        link = _LINK.search(text)
        if link is not None:
            url, simulators = _ADDRESS.search(text), _SIMULATORS.search(text)
            assert url is not None, text
            assert simulators is not None, text
            return Product(
                url=url[1],
                simulators=simulators[1],
                link=link[1],
                state=state,
                process=process,
                output=output,
            )
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"The demo did not start. It said:\n{output.read_text('utf-8')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(path: Path) -> str:
    return path.read_text("utf-8", "replace")[-TAIL:] if path.exists() else "(none)"
