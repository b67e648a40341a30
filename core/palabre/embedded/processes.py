"""Run a few named processes of ours together: logs, restarts with back-off, one clean end."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from palabre.embedded.children import spawn, stop

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_PATIENCE_S = 25.0  # the API lets running requests finish for 20 s
_STEADY_S = 60.0
"""A process that ran this long starts again without the pause its earlier crashes earned."""


class Program(Struct, frozen=True, kw_only=True):
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]

    def __repr__(self) -> str:
        """Leave out the environment: it holds passwords."""
        return f"Program({self.name!r})"


class Processes:
    """Keeps programs running until told to stop; use it from the main thread.

    Args:
        programs: What to run, in order of start.
        logs: Folder for one log file per program.
        say: Called with one sentence for each crash.
    """

    def __init__(self, programs: Sequence[Program], logs: Path, say: Callable[[str], None]) -> None:
        self._kept = [_Kept(program, logs / f"{program.name}.log") for program in programs]
        self._say = say

    def start(self) -> None:
        """Start every program."""
        for kept in self._kept:
            kept.start()

    def tend(self) -> list[str]:
        """Start again what has waited enough; report and return what ended since the last call."""
        ended = []
        for kept in self._kept:
            status = kept.just_ended()
            if status is not None:
                ended.append(kept.program.name)
                self._say(
                    f"{kept.program.name} ended with status {status}, starts again in "
                    f"{kept.pause:.0f} s; its log is {kept.log}"
                )
            kept.start_if_due()
        return ended

    def stop(self) -> None:
        """Ask every program to end, last started first, and kill what does not."""
        for kept in reversed(self._kept):
            kept.ask_to_end()
        for kept in reversed(self._kept):
            kept.stop()


class _Kept:
    """One program and its current process."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.pause = _FIRST_PAUSE_S
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._due_at = 0.0

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._process = spawn(
            self.program.command,
            log=self.log,
            cwd=Path.cwd(),
            env=self.program.environment,
            death_signal=signal.SIGTERM,
        )

    def just_ended(self) -> int | None:
        """Return the status of a process that ended since the last look."""
        status = self._process.poll() if self._process is not None else None
        if status is not None:
            self._process = None
            now = time.monotonic()
            steady = now - self._started_at > _STEADY_S
            self.pause = _FIRST_PAUSE_S if steady else min(self.pause * 2, _LONGEST_PAUSE_S)
            self._due_at = now + self.pause
        return status

    def start_if_due(self) -> None:
        if self._process is None and time.monotonic() >= self._due_at:
            self.start()

    def ask_to_end(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, ((signal.SIGTERM, _PATIENCE_S), (signal.SIGKILL, 5.0)))
