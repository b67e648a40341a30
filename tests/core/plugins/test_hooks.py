"""One test per hook, named after it; the last test sees to that."""

from pathlib import Path
from typing import Any

import pytest

from palabre.plugins.events import EventDispatcher
from palabre.plugins.loader import load
from palabre.plugins.registry import Registry
from palabre.plugins.states import LoaderOptions
from palabre.sdk import Capability
from palabre.sdk.events import PieceChanged
from palabre.sdk.hookspecs import Hooks

SOURCE = """
from palabre.sdk import *
from palabre.sdk.simulator import Simulator

HEARD = []
HOSTS = []


class Auth(AuthProvider):
    key = platform = "every"
    flow = "api_key"
    async def start(self, ctx, req): ...
    async def complete(self, ctx, cb): ...
    async def accounts(self, ctx, grant): ...
    async def check(self, ctx): ...


class Board(Publisher):
    key = platform = "every"
    capabilities = frozenset({Capability.PUBLISH_TEXT})
    account_kinds = frozenset({"page"})
    def kinds(self, account_kind): ...
    async def submit(self, ctx, post): ...


class Metrics(MetricsSource):
    key = platform = "every"
    capabilities = frozenset({Capability.METRICS_POST})
    metrics = frozenset({"likes"})
    async def posts(self, ctx, ids, window): ...
    async def account(self, ctx, window): ...


class Files(MediaStore):
    key = platform = "every"
    async def put(self, ctx, meta, body): ...
    def read(self, ctx, locator, start=0, end=None): ...
    async def delete(self, ctx, locator): ...


class Leads(LeadSource):
    key = platform = "every"
    def pull(self, ctx, cursor): ...


class Hooks(WebhookHandler):
    key = platform = "every"
    def verify(self, req, secret): ...
    def route(self, req): ...
    def parse(self, req): ...


@hookimpl
def palabre_manifest():
    return PluginManifest(
        key="every", name="Every", api=API_VERSION, colour="#123456",
        capabilities=frozenset({
            Capability.CONNECT, Capability.PUBLISH_TEXT, Capability.METRICS_POST,
            Capability.MEDIA_STORE, Capability.LEAD_PULL, Capability.WEBHOOK,
        }),
    )


@hookimpl
def palabre_auth_providers(host):
    HOSTS.append((host.environment, host.api_version))
    return [Auth()]


@hookimpl
def palabre_publishers():
    return (Board() for _ in range(1))


@hookimpl
def palabre_metrics_sources():
    return (Metrics(),)


@hookimpl
def palabre_media_stores():
    return [Files()]


@hookimpl
def palabre_lead_sources():
    return [Leads()]


@hookimpl
def palabre_webhooks():
    return [Hooks()]


@hookimpl
def palabre_simulators():
    return [Simulator("every", hosts=("api.every.example",), make=lambda host: None)]


@hookimpl
async def palabre_on_event(event):
    HEARD.append(event.event_id)
"""


@pytest.fixture
def registry(site: Any) -> Registry:
    """Load a plugin that implements every hook."""
    site.install("every", SOURCE, module="every_hook")
    return load(LoaderOptions(environment="test"))


def adapter_type(registry: Registry, family: Any) -> str:
    return type(registry.for_client(frozenset({"every"})).adapter(family, "every")).__name__


def test_palabre_manifest(registry: Registry) -> None:
    assert registry.manifest("every").colour == "#123456"


def test_palabre_auth_providers(registry: Registry) -> None:
    assert adapter_type(registry, "auth") == "Auth"
    import every_hook  # type: ignore[import-not-found]

    assert every_hook.HOSTS == [("test", (1, 0))]


def test_palabre_publishers(registry: Registry) -> None:
    assert adapter_type(registry, "publisher") == "Board"


def test_palabre_metrics_sources(registry: Registry) -> None:
    assert adapter_type(registry, "metrics") == "Metrics"


def test_palabre_media_stores(registry: Registry) -> None:
    assert adapter_type(registry, "media") == "Files"


def test_palabre_lead_sources(registry: Registry) -> None:
    assert adapter_type(registry, "leads") == "Leads"


def test_palabre_webhooks(registry: Registry) -> None:
    assert adapter_type(registry, "webhooks") == "Hooks"


def test_palabre_simulators(registry: Registry) -> None:
    ours = [simulator for simulator in registry.simulators if simulator.key == "every"]
    assert [simulator.hosts for simulator in ours] == [("api.every.example",)]


async def test_palabre_on_event(registry: Registry, now: Any) -> None:
    event = PieceChanged(
        event_id="e1", agency_id="a", client_id="c", at=now, piece_id="p", state="draft"
    )
    view = registry.for_client(frozenset({"every"}))
    delivery = await EventDispatcher().deliver(view, event)
    import every_hook

    assert every_hook.HEARD == ["e1"]
    assert delivery.heard == ("every",)


def test_capabilities_of_families_with_one_job_need_no_words(registry: Registry) -> None:
    adapters = {
        item["family"]: item["capabilities"]
        for one in registry.describe()
        if one["key"] == "every"
        for item in one["adapters"]
    }
    assert adapters["auth"] == [Capability.CONNECT]
    assert adapters["webhooks"] == [Capability.WEBHOOK]


def test_every_hook_has_a_test_named_after_it() -> None:
    hooks = {name for name in vars(Hooks) if name.startswith("palabre_")}
    tests = {name.removeprefix("test_") for name in globals() if name.startswith("test_palabre_")}
    assert tests == hooks


def test_hooks_are_called_from_the_host_only() -> None:
    core = Path(__file__).parents[3] / "core" / "palabre"
    callers = {
        path.relative_to(core).as_posix()
        for path in core.rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        if "pm.hook." in text or "manager.hook" in text or "PluginManager(" in text
    }
    assert callers == {"plugins/loader.py"}
