"""One PostgreSQL server as our child: initialise, start, stop."""

import shutil
import signal
import subprocess
from pathlib import Path

from palabre.embedded.binaries import PostgresPrograms
from palabre.embedded.children import end_leftover, server_environment, spawn, stop, tail, wait_for
from palabre.embedded.errors import EmbeddedError
from palabre.embedded.paths import Account, write_private

# The builtin provider needs no locale of the system; PostgreSQL 15 and 16 do not have it.
_BUILTIN_LOCALE_SINCE = 17
_READY_LINE = 7  # postmaster.pid, counted from 0; pg_ctl reads the same line
_EPHEMERAL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=128MB",
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
)


class PostgresServer:
    """A server of one data directory; superuser ``postgres`` with a password, TCP on loopback."""

    def __init__(
        self,
        programs: PostgresPrograms,
        home: Path,
        *,
        password: str,
        account: Account | None,
        ephemeral: bool,
    ) -> None:
        self._programs = programs
        self._home = home
        self._data = home / f"pg{programs.major}"
        self._log = home / "postgres.log"
        self._password = password
        self._account = account
        self._ephemeral = ephemeral
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether our child is alive."""
        return self._process is not None and self._process.poll() is None

    def url(self, port: int) -> str:
        """Return the address of the superuser."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{port}/postgres"

    def start(self, port: int) -> None:
        """Start the server and wait until it answers, initialising the data directory if needed.

        Raises:
            EmbeddedError: data of another major version, or the server does not start.
        """
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        pid_file = self._data / "postmaster.pid"
        end_leftover(pid_file, str(self._data), signal.SIGINT, seconds=30)
        settings = [*_SETTINGS, *(_EPHEMERAL if self._ephemeral else ())]
        options = [part for setting in settings for part in ("-c", setting)]
        self._process = spawn(
            [self._programs.folder / "postgres", "-D", self._data, "-p", str(port), *options],
            log=self._log,
            cwd=self._home,
            env=server_environment(),
            death_signal=signal.SIGINT,
            account=self._account,
        )
        wait_for(lambda: _says_ready(pid_file), self._process, self._log, seconds=60)

    def stop(self) -> None:
        """Stop fast: clients are disconnected, data is written."""
        if self._process is not None:
            steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
            stop(self._process, steps)
            self._process = None

    def _initialise(self) -> None:
        # Into a folder of another name first, so that an interrupted initdb is simply repeated.
        fresh = self._data.with_name(self._data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self._home / "initdb.password"
        write_private(password_file, self._password, self._account)
        locale = ["--locale=C.UTF-8"]
        if self._programs.major >= _BUILTIN_LOCALE_SINCE:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command: list[str | Path] = [
            self._programs.folder / "initdb",
            "-D",
            fresh,
            "-U",
            "postgres",
        ]
        command += ["-E", "UTF8", *locale, "--auth=scram-sha-256", "--no-instructions"]
        command += [f"--pwfile={password_file}", *(["--no-sync"] if self._ephemeral else [])]
        log = self._home / "initdb.log"
        try:
            process = spawn(
                command,
                log=log,
                cwd=self._home,
                env=server_environment(),
                death_signal=signal.SIGKILL,
                account=self._account,
            )
            if process.wait() != 0:
                raise EmbeddedError(f"initdb failed; {log} ends:\n{tail(log)}")
        finally:
            password_file.unlink(missing_ok=True)
        fresh.rename(self._data)

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text("utf-8").strip()
        if found != str(self._programs.major):
            raise EmbeddedError(
                f"{self._data} was made by PostgreSQL {found}, the programs are version "
                f"{self._programs.major}. Dump it with version {found} and restore it here."
            )


def _says_ready(pid_file: Path) -> bool:
    try:
        lines = pid_file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready"
