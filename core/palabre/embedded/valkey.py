"""One Valkey (or Redis) server as our child: configure, start, stop."""

import signal
import socket
import subprocess
from pathlib import Path

from palabre.embedded.binaries import ValkeyProgram
from palabre.embedded.children import end_leftover, server_environment, spawn, stop, wait_for
from palabre.embedded.paths import Account, private_dir, write_private

# set-proc-title: the command line keeps the path of this file, which end_leftover looks for.
_CONFIG = """\
bind 127.0.0.1
protected-mode yes
port {port}
requirepass {password}
dir {data}
pidfile {home}/valkey.pid
set-proc-title no
appendonly {append_only}
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class ValkeyServer:
    """A server of one data directory with a password, TCP on loopback."""

    def __init__(
        self,
        program: ValkeyProgram,
        home: Path,
        *,
        password: str,
        account: Account | None,
        ephemeral: bool,
    ) -> None:
        self._program = program
        self._home = home
        self._config = home / "valkey.conf"
        self._log = home / "valkey.log"
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
        """Return the address with its password, database 0."""
        return f"redis://:{self._password}@127.0.0.1:{port}/0"

    def start(self, port: int) -> None:
        """Start the server and wait until it answers.

        Raises:
            EmbeddedError: the server does not start.
        """
        pid_file = self._home / "valkey.pid"
        end_leftover(pid_file, str(self._config), signal.SIGTERM, seconds=30)
        config = _CONFIG.format(
            port=port,
            password=self._password,
            data=private_dir(self._home / "valkey", self._account),
            home=self._home,
            append_only="no" if self._ephemeral else "yes",
        )
        write_private(self._config, config, self._account)
        self._process = spawn(
            [self._program.name, self._config],
            executable=self._program.path,
            log=self._log,
            cwd=self._home,
            env=server_environment(),
            death_signal=signal.SIGTERM,
            account=self._account,
        )
        wait_for(lambda: _answers(port, self._password), self._process, self._log, seconds=30)

    def stop(self) -> None:
        """Stop after writing what is pending."""
        if self._process is not None:
            stop(self._process, ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)))
            self._process = None


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
    except OSError:
        return False
