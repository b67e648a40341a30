"""The two servers of one state directory, supervised by this process."""

import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from pathlib import Path
from typing import Protocol

import msgspec

from palabre.embedded.binaries import (
    PostgresPrograms,
    Preference,
    ValkeyProgram,
    copy_for,
    find_postgres,
    find_valkey,
)
from palabre.embedded.errors import EmbeddedError
from palabre.embedded.paths import open_to, private_dir, server_account, write_private
from palabre.embedded.postgres import PostgresServer
from palabre.embedded.valkey import ValkeyServer

_TRIES = 3


class ServerUrls(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses with passwords: the PostgreSQL superuser and the Redis database 0."""

    admin_url: str
    redis_url: str

    def __repr__(self) -> str:
        """Show nothing: both addresses hold a password."""
        return "ServerUrls(...)"


class _Server(Protocol):
    @property
    def running(self) -> bool: ...

    def start(self, port: int) -> None: ...


class EmbeddedServers:
    """PostgreSQL and Valkey on free loopback ports, with their data in ``state_dir``.

    Start it from the main thread: the servers end when the starting thread does. As root both run
    as another account (see ``paths.server_account``) and ``state_dir`` must be open to it.

    Args:
        state_dir: created if missing. Ports and passwords are kept there between runs.
        ephemeral: nothing is made durable and ``stop`` deletes ``state_dir``; for tests.
        prefer: which programs to take first, those of our wheels or the system's.
    """

    def __init__(
        self, state_dir: Path, *, ephemeral: bool = False, prefer: Preference = "embedded"
    ) -> None:
        self._state = state_dir.absolute()
        self._ephemeral = ephemeral
        self._prefer: Preference = prefer
        self._account = server_account()
        self._lock: int | None = None
        self._ports: dict[str, int] = {}
        self._servers: dict[str, _Server] = {}
        self.postgres: PostgresServer | None = None
        self.valkey: ValkeyServer | None = None

    def start(self) -> ServerUrls:
        """Start both servers and return their addresses once they answer.

        Raises:
            EmbeddedError: another supervisor holds the directory, programs are missing, or a
                server does not start.
        """
        self._prepare()
        try:
            self.postgres, self.valkey = self._build()
            self._servers = {"PostgreSQL": self.postgres, "Valkey": self.valkey}
            self._ports = _read_ports(self._state / "ports.json")
            for name in self._servers:
                self._start(name, may_move=True)
            write_private(self._state / "ports.json", json.dumps(self._ports))
        except BaseException:
            self.stop()
            raise
        return ServerUrls(
            admin_url=self.postgres.url(self._ports["PostgreSQL"]),
            redis_url=self.valkey.url(self._ports["Valkey"]),
        )

    def revive(self) -> list[str]:
        """Start what has died again, on the port its clients know; return the names."""
        dead = [name for name, server in self._servers.items() if not server.running]
        for name in dead:
            self._start(name, may_move=False)
        return dead

    def stop(self) -> None:
        """Stop both servers and let go of the directory; harmless when nothing runs."""
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()
        self._servers = {}
        if self._lock is not None:
            if self._ephemeral:
                shutil.rmtree(self._state, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def _prepare(self) -> None:
        private_dir(self._state)
        if self._account is not None:
            # The account passes through to its own folder but cannot list or read ours.
            self._state.chmod(0o711)
            if not open_to(self._state, self._account):
                raise EmbeddedError(
                    f"The account {self._account.name!r} cannot enter {self._state}. As root, set "
                    "PALABRE_STATE_DIR to a folder below /var/lib or another one open to it."
                )
        self._lock = _take_lock(self._state / "servers.lock")
        self._home = private_dir(self._state / "servers", self._account)

    def _build(self) -> tuple[PostgresServer, ValkeyServer]:
        programs = find_postgres(self._prefer)
        program = find_valkey(self._prefer)
        copies = self._state / "programs"
        folder = copy_for(self._account, programs.folder, 2, copies)
        carrier = copy_for(self._account, program.path.parent, 2, copies)
        postgres = PostgresServer(
            PostgresPrograms(folder=folder, major=programs.major),
            self._home,
            password=self._password("postgres.password"),
            account=self._account,
            ephemeral=self._ephemeral,
        )
        valkey = ValkeyServer(
            ValkeyProgram(path=carrier / program.path.name, name=program.name),
            self._home,
            password=self._password("valkey.password"),
            account=self._account,
            ephemeral=self._ephemeral,
        )
        return postgres, valkey

    def _password(self, name: str) -> str:
        path = self._state / name
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text("utf-8")

    def _start(self, name: str, *, may_move: bool) -> None:
        """Start a server on its port, on another one when that is taken and it ``may_move``."""
        for attempt in range(_TRIES):
            if may_move and not _is_free(self._ports.get(name, 0)):
                self._ports[name] = _free_port()
            try:
                self._servers[name].start(self._ports[name])
            except EmbeddedError:
                # The port may be taken since we looked, and after a kill -9 PostgreSQL's own
                # children need a moment to end. A real fault shows again.
                if attempt == _TRIES - 1 or self._servers[name].running:
                    raise
                time.sleep(0.5)
            else:
                return


def _read_ports(path: Path) -> dict[str, int]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _take_lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise EmbeddedError(
            f"Palabre already runs on {path.parent}. Stop it there (Ctrl-C) and try again."
        ) from None
    return descriptor


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return port != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
