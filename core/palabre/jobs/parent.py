"""The parent of worker processes: starts them, hears their hearts, kills the silent, restarts.

The watchdog is part of the promise that nothing is published twice: a process that was stopped
for longer than ``watchdog_s`` never wakes up with an old intention.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Final

import structlog

from palabre.base.settings import Settings
from palabre.domains.publishing.timing import Timing
from palabre.jobs.child import CONFIGURATION

_log = structlog.get_logger(__name__)
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
CALM_AFTER_S: Final = 60.0
"""A child that lived this long is restarted at once."""
START_S: Final = 60.0
"""A child may take this long to its first heartbeat."""
_LOOK_S: Final = 0.5
_CALM_S: Final = 0.05


class Child:
    """One supervised process."""

    def __init__(self, command: Sequence[str], timing: Timing) -> None:
        self._command = list(command)
        self._timing = timing
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._start_at = 0.0
        self._started = 0.0
        self._silent_at = 0.0
        self.pipe = -1
        self.status: int | None = None
        """Exit status of the last run."""

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None

    def look(self) -> None:
        """Start what should run, bury what died, kill what is silent."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
        elif self._process.poll() is not None:
            self._bury(now)
        elif now > self._silent_at:
            _log.warning("worker_silent", pid=self._process.pid)
            self._process.kill()

    def hear(self) -> None:
        """Take the heartbeats that have come."""
        if os.read(self.pipe, 4096):
            self._silent_at = time.monotonic() + self._timing.watchdog_s

    def send(self, number: int) -> None:
        """Send a signal, if the process lives."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Wait for the end; kill it after ``seconds``."""
        if self._process is None:
            return
        try:
            _ = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _ = self._process.wait()
        self._bury(time.monotonic())

    def _start(self, now: float) -> None:
        self.pipe, theirs = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603  # our own command
            [*self._command, "--pipe", str(theirs)], pass_fds=[theirs]
        )
        os.close(theirs)
        self._started = now
        self._silent_at = now + max(START_S, self._timing.watchdog_s)

    def _bury(self, now: float) -> None:
        assert self._process is not None  # noqa: S101  # asked by the callers
        self.status = self._process.returncode
        _log.info("worker_ended", pid=self._process.pid, status=self.status)
        self._process = None
        os.close(self.pipe)
        self.pipe = -1
        self._failures = 0 if now - self._started > CALM_AFTER_S else self._failures + 1
        wait = min(FIRST_WAIT_S * 2 ** (self._failures - 1), LONGEST_WAIT_S)
        self._start_at = now + (wait * self._timing.scale if self._failures else 0.0)


def run_parent(
    settings: Settings,
    *,
    processes: int,
    queues: Sequence[str],
    command: Sequence[str] = (),
    timing: Timing | None = None,
) -> int:
    """Supervise worker processes until SIGTERM and return the exit status.

    Args:
        settings: Checked here once, read again by each child from the environment.
        processes: How many children.
        queues: What each of them serves.
        command: How a child is started; the product's own when left out.
        timing: Durations; the product's when left out.
    """
    timing = timing or Timing()
    own = [sys.executable, "-m", "palabre.jobs.child"]
    options = ["--queues", ",".join(queues), "--processes", str(processes)]
    children = [Child([*(command or own), *options], timing) for _ in range(max(1, processes))]
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _log.info("worker_parent", processes=len(children), environment=settings.environment)
    status = _supervise(children, stopping)
    for child in children:
        child.send(signal.SIGTERM)
    ends = time.monotonic() + timing.drain_s + timing.slack_s
    for child in children:
        child.wait(max(0.1, ends - time.monotonic()))
    return status


def _supervise(children: list[Child], stopping: list[int]) -> int:
    while not stopping:
        for child in children:
            child.look()
            if child.status == CONFIGURATION:
                return CONFIGURATION
        pipes = {child.pipe: child for child in children if child.running}
        ready, _, _ = select.select(list(pipes), [], [], _LOOK_S)
        for pipe in ready:
            pipes[pipe].hear()
        time.sleep(_CALM_S)  # a pipe whose writer is gone is always readable
    return 0
