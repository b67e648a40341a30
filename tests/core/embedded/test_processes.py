"""Our own processes kept running: real children, real signals."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from palabre.embedded.processes import Processes, Program

STEADY = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + STEADY

Run = Callable[..., Processes]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def run(tmp_path: Path, said: list[str]) -> Iterator[Run]:
    started: list[Processes] = []

    def start(**sources: str) -> Processes:
        programs = [
            Program(name=name, command=[sys.executable, "-c", source], environment=os.environ)
            for name, source in sources.items()
        ]
        started.append(Processes(programs, tmp_path, said.append))
        started[-1].start()
        return started[-1]

    yield start
    for processes in started:
        processes.stop()


def pids(log: Path, count: int, processes: Processes | None = None) -> list[int]:
    """Wait until a log holds that many process ids, one per start."""
    deadline = time.monotonic() + 20
    while True:
        lines = log.read_text().split() if log.exists() else []
        if len(lines) >= count:
            return [int(line) for line in lines]
        assert time.monotonic() < deadline, f"{log} holds {lines}"
        if processes:
            processes.tend()
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_program_runs_and_writes_its_own_log(run: Run, tmp_path: Path) -> None:
    run(api=STEADY, worker=STEADY)
    assert alive(pids(tmp_path / "api.log", 1)[0])
    assert alive(pids(tmp_path / "worker.log", 1)[0])


def test_a_killed_program_starts_again_and_is_reported_once(
    run: Run, tmp_path: Path, said: list[str]
) -> None:
    processes = run(api=STEADY, worker=STEADY)
    [first] = pids(tmp_path / "api.log", 1)
    os.kill(first, signal.SIGKILL)
    second = pids(tmp_path / "api.log", 2, processes)[-1]
    assert alive(second)
    assert said == [f"api ended with status -9, starts again in 2 s; its log is {tmp_path}/api.log"]
    assert len(pids(tmp_path / "worker.log", 1)) == 1


def test_a_program_that_keeps_crashing_waits_longer_each_time(run: Run, said: list[str]) -> None:
    processes = run(api="raise SystemExit(3)")
    deadline = time.monotonic() + 20
    while len(said) < 2:
        assert time.monotonic() < deadline
        processes.tend()
        time.sleep(0.05)
    assert "status 3, starts again in 2 s" in said[0]
    assert "status 3, starts again in 4 s" in said[1]


def test_stop_ends_every_program(run: Run, tmp_path: Path) -> None:
    processes = run(api=STEADY, worker=STEADY)
    running = [pids(tmp_path / f"{name}.log", 1)[0] for name in ("api", "worker")]
    processes.stop()
    assert not any(alive(pid) for pid in running)


def test_a_program_that_ignores_the_request_is_killed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palabre.embedded.processes._PATIENCE_S", 0.3)
    processes = run(api=STUBBORN)
    [pid] = pids(tmp_path / "api.log", 1)
    processes.stop()
    assert not alive(pid)


def test_what_a_program_is_given_does_not_show(tmp_path: Path) -> None:
    program = Program(name="api", command=["x"], environment={"DATABASE_URL": "secret"})
    assert "secret" not in repr(program)
