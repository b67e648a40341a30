"""Real distributions on disk, and a registry with one platform for the tests of calling."""

import importlib
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.plugins.context import Context, ContextMaker, Services, Subject
from palabre.plugins.families import FAMILIES
from palabre.plugins.registry import Loaded, Registry
from palabre.plugins.slots import LocalSlots
from palabre.plugins.states import PluginStatus
from palabre.sdk import MediaRef, PluginManifest, Secret
from palabre.sdk.connect import AccessToken, AccountRef
from palabre.sdk.context import PluginHttp

HEALTHY = """
from palabre.sdk import API_VERSION, Capability, PluginManifest, Publisher, hookimpl
from palabre.sdk.publish import KindSpec, Published


class Board(Publisher):
    key = "healthy"
    platform = "board"
    capabilities = frozenset({Capability.PUBLISH_TEXT})
    account_kinds = frozenset({"page"})

    def kinds(self, account_kind):
        return (KindSpec(kind="text", after_unknown="E", settle_s=0),)

    async def submit(self, ctx, post):
        return Published(remote_id="1")


@hookimpl
def palabre_manifest():
    return PluginManifest(
        key="healthy", name="Board", api=API_VERSION,
        capabilities=frozenset({Capability.PUBLISH_TEXT}),
    )


@hookimpl
def palabre_publishers():
    return [Board()]
"""
"""Source of a plugin with which nothing is wrong; tests break one thing of it."""


class Site:
    """A folder on ``sys.path`` into which tests install distributions as an installer would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: set[str] = set()

    def install(
        self,
        key: str,
        source: str,
        *,
        distribution: str | None = None,
        module: str | None = None,
        files: Mapping[str, str] | None = None,
        version: str = "1.2.3",
    ) -> None:
        """Write one distribution with an entry point ``key`` and a package that holds ``source``.

        ``module`` is the package's name, ``files`` are further files of the package.
        """
        distribution = distribution or f"palabre-{key}"
        module = module or f"site_{distribution.replace('-', '_')}"
        self.modules.add(module)
        package = self.folder / module
        for name, text in {"__init__.py": source, **(files or {})}.items():
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(
            f"[palabre.plugins]\n{key} = {module}\n", encoding="utf-8"
        )
        importlib.invalidate_caches()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Return an empty folder for distributions, with one healthy plugin in it."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    site = Site(folder)
    site.install("healthy", HEALTHY)
    yield site
    for name in [name for name in sys.modules if name.partition(".")[0] in site.modules]:
        del sys.modules[name]


class Platform:
    """In-memory services of a process: what contexts are made of."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.texts: dict[tuple[Any, str, str], str] = {}
        self.settings_value: Any = None
        self.asked_hosts: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []

    async def token(self, subject: Subject, account: AccountRef, until: datetime) -> AccessToken:
        return AccessToken(secret=Secret(f"token-of-{account.id}"))

    async def open(self, subject: Subject, ref: MediaRef) -> Any:
        return Picture(ref)

    async def get(self, subject: Subject, plugin: str, key: str) -> str | None:
        return self.texts.get((subject.id, plugin, key))

    async def put(self, subject: Subject, plugin: str, key: str, value: str) -> None:
        self.texts[subject.id, plugin, key] = value

    async def settings(self, subject: Subject, plugin: str) -> Any:
        return self.settings_value

    def http(
        self,
        plugin_key: str,
        allowed_hosts: Sequence[str],
        account_hosts: Sequence[str] = (),
        *,
        deadline: datetime | None = None,
    ) -> PluginHttp:
        self.asked_hosts.append((plugin_key, tuple(allowed_hosts), tuple(account_hosts)))
        return NoHttp()

    def services(self) -> Services:
        return Services(
            tokens=self, media=self, state=self, settings=self, http=self.http, clock=self.clock
        )


class NoHttp:
    """A way out that leads nowhere."""

    async def request(self, method: str, url: str, **more: Any) -> Any:
        raise AssertionError(f"{method} {url}")


class Picture:
    """A file of four bytes."""

    def __init__(self, ref: MediaRef) -> None:
        self.ref = ref

    async def read(self) -> bytes:
        return b"abcd"

    async def chunks(self, size: int = 2) -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"

    async def public_url(self, ttl_s: int = 3600) -> str:
        return "https://media.example.com/1"


class Bench:
    """A registry with the given adapters of a plugin ``board``, and contexts for calling them."""

    def __init__(self, **adapters: Any) -> None:
        self.platform = Platform()
        self.subject = Subject(agency_id=new_id(), client_id=new_id(), kind="x", id=new_id())
        self.account = AccountRef(
            id="a1", remote_id="r1", name="A", kind="page", adapter="board", platform="board"
        )
        self.registry = Registry([loaded("board", **adapters)], [status("board")], LocalSlots())
        self.view = self.registry.for_client(frozenset({"board"}))

    async def context(self, seconds: float = 5.0, *, account: bool = True) -> Context:
        return await ContextMaker(self.registry, self.platform.services()).make(
            "board", self.subject, seconds=seconds, account=self.account if account else None
        )


def status(key: str, **more: Any) -> PluginStatus:
    """Return the state of an active plugin."""
    facts = {"distribution": f"palabre-{key}", "version": "1.2.3", "origin": "third_party"}
    return PluginStatus(**({"key": key, "state": "active"} | facts | more))


def loaded(key: str, *, max_concurrency: int = 4, listeners: Any = (), **adapters: Any) -> Loaded:
    """Return a plugin as the loader hands it to the registry."""
    every = [adapter for some in adapters.values() for adapter in some]
    return Loaded(
        manifest=PluginManifest(
            key=key,
            name=key.title(),
            api=(1, 0),
            capabilities=frozenset().union(*(one.capabilities for one in every)),
            allowed_hosts=("api.board.example", "account"),
            max_concurrency=max_concurrency,
        ),
        adapters={name: {one.key: one for one in adapters.get(name, ())} for name in FAMILIES},
        simulators=(),
        listeners=tuple(listeners),
        package="",
        status=status(key),
    )


@pytest.fixture
def bench_of() -> type[Bench]:
    """Return the maker of benches: ``bench_of(publisher=[...])``."""
    return Bench


@pytest.fixture
def loaded_plugin() -> Any:
    """Return the maker of loaded plugins, for registries with several."""
    return loaded


@pytest.fixture
def plugin_status() -> Any:
    """Return the maker of plugin states."""
    return status


@pytest.fixture
def healthy_source() -> str:
    """Return the source of a plugin with which nothing is wrong."""
    return HEALTHY


@pytest.fixture
def now() -> datetime:
    """Return an aware point in time."""
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
