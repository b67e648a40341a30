"""Start a program that cannot outlive us, and end one that a killed supervisor left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from palabre.embedded.errors import EmbeddedError
from palabre.embedded.paths import Account

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 10_000_000


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    death_signal: signal.Signals,
    account: Account | None = None,
    executable: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in its own session, with its output appended to ``log``.

    On Linux the kernel sends ``death_signal`` when the thread that called this function ends, so
    call it from the main thread. Elsewhere ``end_leftover`` cleans up at the next start.
    """
    with open_log(log) as output:
        return subprocess.Popen(
            [str(part) for part in command],
            executable=executable,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=tie_to_parent(death_signal),  # noqa: PLW1509  # see tie_to_parent
        )


def server_environment() -> dict[str, str]:
    """Return the environment of a server: nothing of ours but where programs and libraries lie."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C"}


def open_log(path: Path) -> BinaryIO:
    """Open a log file for appending; one older file is kept once it has grown to 10 MB."""
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tie_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a forked child runs so that it ends with us; None where no such call exists."""
    if sys.platform != "linux":
        return None
    # Loaded before the fork: between fork and exec nothing but plain system calls is safe.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # we died before the call
            os._exit(1)

    return tie


def stop(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal of ``steps`` and wait its seconds, until the process has ended."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def wait_for(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Wait until ``ready`` is true.

    Raises:
        EmbeddedError: the process ended or the time is over; carries the end of the log.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        ended = process.poll()
        if ended is not None or time.monotonic() > deadline:
            what = f"ended with status {ended}" if ended is not None else f"silent for {seconds} s"
            raise EmbeddedError(f"{process.args[0]!s} {what}; {log} ends:\n{tail(log)}")  # type: ignore[index]
        time.sleep(0.01)


def tail(log: Path, lines: int = 8) -> str:
    """Return the last lines of a log file."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def end_leftover(pid_file: Path, marker: str, number: signal.Signals, seconds: float) -> None:
    """End the process named by ``pid_file`` if its command line holds ``marker``.

    A pid that now belongs to another program (after a reboot, say) only loses its pid file.

    Raises:
        EmbeddedError: it does not end in time.
    """
    pid = _read_pid(pid_file)
    if pid is None:
        return
    deadline = time.monotonic() + seconds
    signalled = False
    while marker in _command_line(pid):
        if not signalled:
            os.kill(pid, number)
            signalled = True
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Process {pid} of an earlier run does not end; stop it by hand.")
        time.sleep(0.02)
    pid_file.unlink(missing_ok=True)


def _read_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text("utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout
