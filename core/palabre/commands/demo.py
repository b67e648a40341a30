"""The whole product on one machine with one command, with simulated platforms.

Everything it keeps lies in one state directory; see ``paths.default_state_dir``.
"""

import asyncio
import logging
import os
import secrets
import select
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click

from palabre.base.settings import SettingsError
from palabre.base.settings import load as load_settings
from palabre.embedded.children import tail
from palabre.embedded.errors import EmbeddedError
from palabre.embedded.paths import default_state_dir, private_dir, write_private
from palabre.embedded.processes import Processes, Program
from palabre.embedded.servers import EmbeddedServers

API_PORT = 8800
SIMULATOR_PORT = 8801
_PORTS_TRIED = 100
_READY_S = 60.0
_LOOK_S = 0.5


def run_demo() -> int:
    """Start everything, print the address and a sign-in link, run until Ctrl-C, return a status.

    ``DATABASE_URL`` and ``REDIS_URL`` together replace the servers of our own; with
    ``PALABRE_DATABASE_ADMIN_URL`` that database is set up and migrated too.
    """
    given = os.environ.get("PALABRE_STATE_DIR")
    state = Path(given) if given else default_state_dir(Path.cwd())
    with ExitStack() as stack:
        _turn_signals_into_interrupts()
        try:
            _run(state, stack)
        except KeyboardInterrupt:
            click.echo("\nStopping.")
        except (EmbeddedError, SettingsError) as error:
            click.echo(f"\nStopped: {error}", err=True)
            return 1
    return 0


def _run(state: Path, stack: ExitStack) -> None:
    servers, environment = _servers(state, stack)
    environment |= _settings(private_dir(state / "app"))
    logs = private_dir(state / "app" / "logs")
    api_port = int(environment["PALABRE_PUBLIC_URL"].rpartition(":")[2])
    simulator_port = int(environment["PALABRE_SIMULATOR_ORIGIN"].rpartition(":")[2])
    processes = Processes(
        [
            _program("simulators", environment, "--port", str(simulator_port)),
            _program("worker", environment),
            _program("api", environment, "--port", str(api_port)),
        ],
        logs,
        click.echo,
    )
    stack.callback(processes.stop)
    with _step("Simulated platforms, worker and API"):
        processes.start()
        _seed(environment)
        _wait_until_ready(f"http://127.0.0.1:{api_port}/health/ready", processes, logs / "api.log")
    _say_where(environment, logs)
    _tend(servers, processes, environment)


def _servers(state: Path, stack: ExitStack) -> tuple[EmbeddedServers | None, dict[str, str]]:
    """Return our servers, None when others are given, and the environment to reach them."""
    environment = dict(os.environ)
    admin_url = environment.pop("PALABRE_DATABASE_ADMIN_URL", "")
    given = [name for name in ("DATABASE_URL", "REDIS_URL") if environment.get(name)]
    if len(given) == 1:
        raise EmbeddedError(f"{given[0]} is set alone. Set DATABASE_URL and REDIS_URL, or neither.")
    servers = None
    if not given:
        with _step("PostgreSQL and Valkey"):
            servers = EmbeddedServers(state)
            stack.callback(servers.stop)
            urls = servers.start()
        admin_url = urls.admin_url
        environment["DATABASE_URL"] = _app_url(admin_url, state)
        environment["REDIS_URL"] = urls.redis_url
    if admin_url:
        with _step("Database schema"):
            _migrate(admin_url, environment)
    return servers, environment


def _app_url(admin_url: str, state: Path) -> str:
    """Return the address of the application's own role; its password is made once."""
    parts = urlsplit(admin_url)
    password = _kept(state / "palabre_app.password", secrets.token_urlsafe(24))
    place = f"palabre_app:{password}@{parts.hostname}:{parts.port}"
    return parts._replace(netloc=place, path="/palabre").geturl()


def _migrate(admin_url: str, environment: Mapping[str, str]) -> None:
    from palabre.db import bootstrap, spares  # noqa: PLC0415  # heavy, and only needed here
    from palabre.db.spares import Place  # noqa: PLC0415
    from palabre.schema import all_tables  # noqa: PLC0415

    async def make() -> None:
        prefix = environment.get("PALABRE_DB_ROLE_PREFIX", "palabre")
        place = Place(
            admin_url=admin_url,
            app_url=environment["DATABASE_URL"],
            prefix=prefix,
            metadata=all_tables(),
        )
        await bootstrap.init(admin_url, place.app_url, prefix)
        failed = await spares.migrate(place, lambda _line: None)
        if failed:
            raise EmbeddedError(f"These databases could not be migrated: {', '.join(failed)}.")
        if "spare" not in (await spares.listed(place)).values():
            await spares.prepare(place, 1, lambda _line: None)

    asyncio.run(make())


def _settings(app_state: Path) -> dict[str, str]:
    """Return the settings of every process; keys are made once and kept in ``app_state``."""
    from palabre.plugins.loader import load  # noqa: PLC0415  # imports every plugin
    from palabre.plugins.states import LoaderOptions  # noqa: PLC0415
    from palabre.simulators import host_table_text  # noqa: PLC0415
    from palabre.start import configure_logs  # noqa: PLC0415
    from palabre.vault.master import new_master_key  # noqa: PLC0415

    configure_logs("demo", level=logging.WARNING)
    api_port = _free_port(API_PORT, "The API")
    simulator_port = _free_port(max(SIMULATOR_PORT, api_port + 1), "The simulators")
    simulators = load(LoaderOptions(environment="demo")).simulators
    _kept(app_state / "master.key", new_master_key())
    _kept(app_state / "signing.key", secrets.token_urlsafe(48))
    settings = {
        "PALABRE_ENV": "demo",
        "PALABRE_STATE_DIR": str(app_state),
        "PALABRE_MASTER_KEY_FILE": str(app_state / "master.key"),
        "PALABRE_SIGNING_KEY_FILE": str(app_state / "signing.key"),
        "PALABRE_PUBLIC_URL": f"http://127.0.0.1:{api_port}",
        # Another name for the same machine, so that cookies of the two never meet.
        "PALABRE_SIMULATOR_ORIGIN": f"http://localhost:{simulator_port}",
        "PALABRE_SIMULATED_HOSTS": host_table_text(
            simulators, f"http://127.0.0.1:{simulator_port}"
        ),
    }
    for simulator in simulators:
        for field, value in simulator.settings.items():
            settings[f"PALABRE_PLUGIN_{simulator.key.upper()}__{field.upper()}"] = value
    return settings


def _kept(path: Path, fresh: str) -> str:
    """Return the secret in ``path``, writing ``fresh`` there the first time."""
    if not path.exists():
        write_private(path, fresh)
    return path.read_text("utf-8")


def _free_port(wanted: int, who: str) -> int:
    for port in range(wanted, wanted + _PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            click.echo(f"  Port {wanted} is taken: {who} will be on {port}.")
        return port
    raise EmbeddedError(f"No port from {wanted} to {wanted + _PORTS_TRIED - 1} is free.")


def _program(name: str, environment: Mapping[str, str], *options: str) -> Program:
    command = [sys.executable, "-m", "palabre.cli", name, *options]
    return Program(name=name, command=command, environment=environment)


def _seed(environment: Mapping[str, str]) -> None:
    """Make the demo agency the first time, in this process: a further one costs seconds."""
    from palabre.commands.seeding import seed  # noqa: PLC0415  # heavy, and only needed here

    asyncio.run(seed(load_settings(environment), if_empty=True))


def _wait_until_ready(url: str, processes: Processes, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and "api" not in processes.tend():
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise EmbeddedError(f"The API did not get ready; {log} ends:\n{tail(log)}")


def _say_where(environment: Mapping[str, str], logs: Path) -> None:
    click.echo(
        f"\n  Palabre:              {environment['PALABRE_PUBLIC_URL']}\n"
        f"  Its mails:            {environment['PALABRE_PUBLIC_URL']}/mail-catcher\n"
        f"  Simulated platforms:  {environment['PALABRE_SIMULATOR_ORIGIN']}\n"
        f"  Logs:                 {logs}\n"
    )
    _say_link(environment)
    more = "Enter makes a new link, " if sys.stdin.isatty() else ""
    click.echo(f"\n  {more}Ctrl-C stops everything; the next start goes on from here.")


def _say_link(environment: Mapping[str, str]) -> None:
    from palabre.commands.seeding import OWNER, sign_in_link  # noqa: PLC0415  # heavy

    link = asyncio.run(sign_in_link(load_settings(environment), OWNER))
    click.echo(f"  Sign in once with:    {link}")


def _tend(
    servers: EmbeddedServers | None, processes: Processes, environment: Mapping[str, str]
) -> None:
    """Keep everything running, until an interrupt."""
    watched = [sys.stdin] if sys.stdin.isatty() else []
    while True:
        typed, _, _ = select.select(watched, [], [], _LOOK_S)
        if typed and sys.stdin.readline():
            _say_link(environment)
        elif typed:
            watched = []  # end of input: the terminal went away
        for name in servers.revive() if servers else ():
            click.echo(f"{name} had ended and was started again.")
        processes.tend()


def _turn_signals_into_interrupts() -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        for each in signals:  # the clean end is not interrupted by a second one
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for number in signals:
        signal.signal(number, interrupt)


class _step:  # noqa: N801  # used as a function
    """Say what is being done, and how long it took."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __enter__(self) -> None:
        click.echo(f"  {self._title} ...", nl=False)
        self._started = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        word = "failed" if kind else f"{time.monotonic() - self._started:.1f} s"
        click.echo(f" {word}")
