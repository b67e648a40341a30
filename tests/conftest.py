"""Servers of the run, databases and Redis of each worker."""

import itertools
import os
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from msgspec import Struct, structs

from palabre.base.settings import Settings
from palabre.embedded.servers import ServerUrls
from tests.support import databases
from tests.support.api import api, app, clock, runtime, settings, world  # noqa: F401
from tests.support.databases import DatabaseUrls
from tests.support.servers import given_urls, temporary_servers
from tests.support.times import seconds_by_room


class Run(Struct, kw_only=True):
    """What every process of one pytest run shares."""

    admin_url: str
    redis_url: str
    template: str
    template_made: bool = False

    def __repr__(self) -> str:
        """Show the name alone: the addresses hold passwords."""
        return f"Run({self.template})"


_RUN = pytest.StashKey[Run]()
_silos = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that owns the run; workers are handed them."""
    handed_over = getattr(config, "workerinput", {}).get("palabre")
    if handed_over:
        config.stash[_RUN] = Run(**handed_over)
    elif not config.option.collectonly:
        config.stash[_RUN] = _begin(config)


def _begin(config: pytest.Config) -> Run:
    urls = given_urls()
    if urls is None:
        context = temporary_servers()
        _, urls = context.__enter__()
        config.add_cleanup(lambda: context.__exit__(None, None, None))
    name = f"palabre_test_{secrets.token_hex(4)}"
    return Run(admin_url=urls.admin_url, redis_url=urls.redis_url, template=name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Share the tests among the workers."""
    from tests.support.sharing import ByFileAndProduct

    return ByFileAndProduct(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Hand the run to an xdist worker; the template is made before the first one."""
    run = node.config.stash[_RUN]
    _make_template(node.config)
    node.workerinput["palabre"] = structs.asdict(run)  # type: ignore[attr-defined]


def _make_template(config: pytest.Config) -> None:
    run = config.stash[_RUN]
    if not run.template_made:
        databases.make_template(run.admin_url, run.template)
        run.template_made = True
        config.add_cleanup(lambda: databases.drop(run.admin_url, run.template))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the time went, when more than one folder ran."""
    stats = terminalreporter.stats.values()
    reports = [entry for some in stats for entry in some if isinstance(entry, pytest.TestReport)]
    rooms = seconds_by_room(reports)
    for room, (count, seconds) in rooms.items() if len(rooms) > 1 else ():
        terminalreporter.write_line(f"{room:<32} {count:>5} tests {seconds:>7.1f} s")


@pytest.fixture(scope="session")
def server_urls(pytestconfig: pytest.Config) -> ServerUrls:
    """Addresses of the superuser of PostgreSQL and of the Redis of this run."""
    run = pytestconfig.stash[_RUN]
    return ServerUrls(admin_url=run.admin_url, redis_url=run.redis_url)


@pytest.fixture(scope="session")
def worker_number(pytestconfig: pytest.Config) -> int:
    """0 without xdist, else the number of the worker from 1."""
    name: str = getattr(pytestconfig, "workerinput", {}).get("workerid", "gw-1")
    return int(name.removeprefix("gw")) + 1


@pytest.fixture(scope="session")
def redis_url(server_urls: ServerUrls, worker_number: int) -> str:
    """Address of the Redis database of this worker."""
    return server_urls.redis_url.rpartition("/")[0] + f"/{worker_number}"


@pytest.fixture(scope="session")
def database_urls(pytestconfig: pytest.Config, worker_number: int) -> Iterator[DatabaseUrls]:
    """The migrated database of this worker; its tests share it and see each other's rows."""
    yield from _copy(pytestconfig, f"w{worker_number}")


@pytest.fixture
def fresh_database_urls(pytestconfig: pytest.Config) -> Iterator[DatabaseUrls]:
    """A migrated and empty database for one test."""
    yield from _copy(pytestconfig, secrets.token_hex(4))


@pytest.fixture
def isolation() -> str:
    """Whether the world's client is pooled or dedicated; see ``pytest_generate_tests``."""
    return "pooled"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of a world pooled and dedicated: those marked, or all with TEST_ISOLATION=both."""
    if "isolation" not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker("both_homes") is not None
    apart = metafunc.definition.get_closest_marker("one_home") is not None
    if marked or (os.environ.get("TEST_ISOLATION") == "both" and not apart):
        metafunc.parametrize("isolation", ["pooled", "dedicated"])


@pytest.fixture
def make_silo(pytestconfig: pytest.Config) -> Iterator[Callable[[Settings], str]]:
    """Make spare databases for dedicated clients of a test, and return their names."""
    run = pytestconfig.stash[_RUN]
    made: list[tuple[str, str]] = []

    def make(of: Settings) -> str:
        pool = urlsplit(of.database_url).path.lstrip("/")
        name = f"{pool}_silo_{next(_silos)}"
        made.append((pool, name))
        databases.make_silo(run.admin_url, run.template, pool, name)
        return name

    yield make
    for pool, name in made:
        databases.forget_silo(run.admin_url, pool, name)


def _copy(config: pytest.Config, suffix: str) -> Iterator[DatabaseUrls]:
    _make_template(config)
    run = config.stash[_RUN]
    name = f"{run.template}_{suffix}"
    yield databases.copy_template(run.admin_url, run.template, name)
    databases.drop(run.admin_url, name)
