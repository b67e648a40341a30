"""Servers of the run, databases and Redis of each worker."""

import pytest
from palabre.embedded.servers import ServerUrls

from tests.support.servers import given_urls, temporary_servers

_URLS = pytest.StashKey[ServerUrls]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that owns the run; workers get the addresses."""
    handed_over = getattr(config, "workerinput", {}).get("palabre_urls")
    given = ServerUrls(**handed_over) if handed_over else given_urls()
    if given is None and not config.option.collectonly:
        context = temporary_servers()
        _, given = context.__enter__()
        config.add_cleanup(lambda: context.__exit__(None, None, None))
    if given is not None:
        config.stash[_URLS] = given


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Hand the addresses to an xdist worker."""
    urls = node.config.stash[_URLS]
    node.workerinput["palabre_urls"] = {"admin_url": urls.admin_url, "redis_url": urls.redis_url}


@pytest.fixture(scope="session")
def server_urls(pytestconfig: pytest.Config) -> ServerUrls:
    """Addresses of the superuser of PostgreSQL and of the Redis of this run."""
    return pytestconfig.stash[_URLS]


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """0 without xdist, else the number of the worker from 1."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "gw-1")
    return int(name.removeprefix("gw")) + 1


@pytest.fixture(scope="session")
def redis_url(server_urls: ServerUrls, worker_number: int) -> str:
    """Address of the Redis database of this worker."""
    return server_urls.redis_url.rpartition("/")[0] + f"/{worker_number}"
