"""Plugins as real distributions on disk: whatever is wrong with one, the process starts."""

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from palabre.plugins.loader import load
from palabre.plugins.states import LoaderOptions, RequiredPluginMissing
from palabre.sdk import API_VERSION

DEMO = LoaderOptions(environment="demo")


def outcome(key: str, options: LoaderOptions = DEMO) -> tuple[str, str]:
    """Load everything; return state and reason of ``key`` after seeing the healthy one active."""
    registry = load(options)
    states = {one.key: one for one in registry.statuses}
    assert states["healthy"].state == "active"
    assert "healthy" in registry.adapters["publisher"]
    assert key not in registry.plugins
    return states[key].state, states[key].reason


def broken(source: str, key: str, *changes: tuple[str, str]) -> str:
    """Return the healthy plugin under another key, with one thing changed."""
    source = source.replace('"healthy"', f'"{key}"')
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


class TestTenThingsThatAreWrong:
    def test_import_error(self, site: Any) -> None:
        site.install("wrong", "import a_module_nobody_has")
        assert outcome("wrong") == (
            "failed",
            "The import failed: ModuleNotFoundError: No module named 'a_module_nobody_has'",
        )

    def test_system_exit_at_import(self, site: Any) -> None:
        site.install("wrong", "raise SystemExit(3)")
        assert outcome("wrong") == ("failed", "The import failed: SystemExit: 3")

    def test_two_distributions_claim_one_key(self, site: Any, healthy_source: str) -> None:
        for name in ("palabre-twin", "palabre-twin-vendor"):
            site.install("twin", broken(healthy_source, "twin"), distribution=name)
        assert outcome("twin") == (
            "duplicate",
            "palabre-twin and palabre-twin-vendor claim the same key twin: keep one of them.",
        )
        assert [one.state for one in load(DEMO).statuses if one.key == "twin"] == ["duplicate"] * 2

    def test_manifest_has_another_key(self, site: Any, healthy_source: str) -> None:
        site.install("wrong", broken(healthy_source, "other"))
        assert outcome("wrong") == (
            "failed",
            "The manifest's key is other, the entry point's is wrong.",
        )

    def test_manifest_is_not_valid(self, site: Any, healthy_source: str) -> None:
        source = broken(healthy_source, "wrong", ("api=API_VERSION", "api=API_VERSION, icon=7"))
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            "The manifest is not valid: Expected `str`, got `int` - at `$.icon`",
        )

    def test_misspelt_hook(self, site: Any, healthy_source: str) -> None:
        site.install(
            "wrong", broken(healthy_source, "wrong", ("palabre_publishers", "palabre_publishrs"))
        )
        state, reason = outcome("wrong")
        assert state == "failed"
        assert "unknown hook 'palabre_publishrs'" in reason

    def test_contract_too_new(self, site: Any, healthy_source: str) -> None:
        site.install("wrong", broken(healthy_source, "wrong", ("api=API_VERSION", "api=(2, 0)")))
        assert outcome("wrong") == (
            "incompatible",
            "Written for contract 2.0; this Palabre speaks 1.0: upgrade Palabre.",
        )

    def test_not_on_the_list_in_production(self, site: Any, healthy_source: str) -> None:
        site.install("wrong", broken(healthy_source, "wrong"))
        options = LoaderOptions(environment="production", allowed=frozenset({"healthy"}))
        assert outcome("wrong", options) == ("blocked", "PALABRE_PLUGINS does not list wrong.")

    def test_adapter_of_the_wrong_type(self, site: Any, healthy_source: str) -> None:
        source = broken(healthy_source, "wrong", ("return [Board()]", "return [object()]"))
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            "palabre_publishers returned object, not a Publisher.",
        )

    def test_two_adapters_with_one_key(self, site: Any, healthy_source: str) -> None:
        twins = "class Other(Board): pass\n    return [Board(), Other()]"
        site.install("wrong", broken(healthy_source, "wrong", ("return [Board()]", twins)))
        assert outcome("wrong") == (
            "failed",
            "Board and Other both provide the publisher adapter wrong.",
        )


class TestContractVersions:
    def test_older_major_names_the_plugin(self, site: Any, healthy_source: str) -> None:
        site.install("wrong", broken(healthy_source, "wrong", ("api=API_VERSION", "api=(0, 9)")))
        assert outcome("wrong") == (
            "incompatible",
            "Written for contract 0.9; this Palabre speaks 1.0: upgrade the plugin.",
        )

    def test_newer_minor_names_palabre(self, site: Any, healthy_source: str) -> None:
        newer = f"api=({API_VERSION[0]}, {API_VERSION[1] + 1})"
        site.install("wrong", broken(healthy_source, "wrong", ("api=API_VERSION", newer)))
        state, reason = outcome("wrong")
        assert state == "incompatible"
        assert reason.endswith("upgrade Palabre.")


class TestNames:
    def test_reserved_key_needs_our_distribution(self, site: Any, healthy_source: str) -> None:
        source = broken(healthy_source, "tiktok")
        site.install("tiktok", source, distribution="tiktok-for-palabre")
        assert outcome("tiktok") == (
            "blocked",
            "The key tiktok is reserved for palabre-tiktok, not for tiktok-for-palabre.",
        )

    def test_our_distribution_may_use_its_reserved_key(
        self, site: Any, healthy_source: str
    ) -> None:
        site.install("tiktok", broken(healthy_source, "tiktok"), distribution="Palabre_TikTok")
        assert load(DEMO).plugins["tiktok"].status.origin == "first_party"

    def test_entry_point_that_is_no_key(self, site: Any, healthy_source: str) -> None:
        site.install("No-Key", healthy_source, distribution="palabre-nokey")
        assert outcome("No-Key") == ("failed", "The entry point 'No-Key' is not a plugin key.")

    def test_nothing_is_imported_before_the_names_are_checked(
        self, site: Any, tmp_path: Path
    ) -> None:
        trace = tmp_path / "imported"
        site.install("wrong", f"open({str(trace)!r}, 'w')")
        outcome("wrong", LoaderOptions(environment="production", allowed=frozenset({"healthy"})))
        assert not trace.exists()

    def test_distribution_without_metadata(self, site: Any, healthy_source: str) -> None:
        site.install("bare", broken(healthy_source, "bare"))
        for path in site.folder.glob("palabre_bare*/METADATA"):
            path.unlink()
        registry = load(DEMO)
        assert registry.plugins["bare"].status.distribution in {"unknown", "palabre_bare"}


class TestHandedOver:
    def test_no_manifest(self, site: Any, healthy_source: str) -> None:
        source = broken(healthy_source, "wrong", ("@hookimpl\ndef palabre_manifest", "def other"))
        site.install("wrong", source)
        assert outcome("wrong") == ("failed", "There is no palabre_manifest.")

    def test_default_in_a_hook(self, site: Any, healthy_source: str) -> None:
        source = broken(
            healthy_source, "wrong", ("palabre_publishers()", "palabre_publishers(host=None)")
        )
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            "palabre_publishers gives host a default; the value of the host would never arrive.",
        )

    def test_argument_the_hook_does_not_have(self, site: Any, healthy_source: str) -> None:
        source = broken(
            healthy_source, "wrong", ("palabre_publishers()", "palabre_publishers(registry)")
        )
        site.install("wrong", source)
        state, reason = outcome("wrong")
        assert state == "failed"
        assert "registry" in reason

    def test_wrapper(self, site: Any, healthy_source: str) -> None:
        wrapper = "@hookimpl(wrapper=True)\ndef palabre_publishers():\n    yield\n"
        source = healthy_source.partition("@hookimpl\ndef palabre_publishers")[0] + wrapper
        site.install("wrong", broken(source, "wrong"))
        assert outcome("wrong") == (
            "failed",
            "palabre_publishers is a wrapper; plugins may not wrap other plugins.",
        )

    def test_async_provider_hook(self, site: Any, healthy_source: str) -> None:
        source = broken(
            healthy_source, "wrong", ("def palabre_publishers", "async def palabre_publishers")
        )
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            "palabre_publishers is async; provider hooks are synchronous.",
        )

    def test_provider_hook_that_exits(self, site: Any, healthy_source: str) -> None:
        source = broken(healthy_source, "wrong", ("return [Board()]", "raise SystemExit(1)"))
        site.install("wrong", source)
        assert outcome("wrong") == ("failed", "Loading failed: SystemExit: 1")

    def test_abstract_method_left_out(self, site: Any, healthy_source: str) -> None:
        source = broken(healthy_source, "wrong", ("async def submit", "async def send"))
        site.install("wrong", source)
        state, reason = outcome("wrong")
        assert state == "failed"
        assert "abstract" in reason

    @pytest.mark.parametrize("key", ["other", "other.board", "wrong.", "wrong.a.b", "wrong\n"])
    def test_adapter_key_outside_the_plugin(self, site: Any, healthy_source: str, key: str) -> None:
        source = broken(healthy_source, "wrong", ('    key = "wrong"', f"    key = {key!r}"))
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            f"Board has the key {key!r}; it must be wrong or wrong.<platform>.",
        )

    def test_capability_nobody_implements(self, site: Any, healthy_source: str) -> None:
        more = "capabilities=frozenset({Capability.PUBLISH_TEXT, Capability.PUBLISH_VIDEO}),"
        source = broken(
            healthy_source, "wrong", ("capabilities=frozenset({Capability.PUBLISH_TEXT}),", more)
        )
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            "The manifest declares publish.video; no adapter does it.",
        )

    def test_capability_the_manifest_hides(self, site: Any, healthy_source: str) -> None:
        more = "    capabilities = frozenset({Capability.PUBLISH_TEXT, Capability.PUBLISH_LINK})\n"
        source = broken(
            healthy_source,
            "wrong",
            ("    capabilities = frozenset({Capability.PUBLISH_TEXT})\n", more),
        )
        site.install("wrong", source)
        assert outcome("wrong") == (
            "failed",
            "Adapters do publish.link; the manifest does not say so.",
        )

    def test_method_without_its_capability(self, site: Any, healthy_source: str) -> None:
        method = "    async def delete(self, ctx, remote_id):\n        return None\n"
        source = broken(
            healthy_source,
            "wrong",
            ("    async def submit", f"{method}\n    async def submit"),
        )
        site.install("wrong", source)
        assert outcome("wrong") == ("failed", "Board does not declare publish.delete.")

    @pytest.mark.parametrize(
        "host", ["https://a.example", "a.example/x", "*", "a.*.example", "127.0.0.1"]
    )
    def test_allowed_host_that_is_none(self, site: Any, healthy_source: str, host: str) -> None:
        change = ("api=API_VERSION", f"api=API_VERSION, allowed_hosts=({host!r},)")
        site.install("wrong", broken(healthy_source, "wrong", change))
        assert outcome("wrong") == (
            "failed",
            f"The allowed host {host!r} is neither a host nor *.host nor account.",
        )

    def test_settings_that_give_no_form(self, site: Any, healthy_source: str) -> None:
        settings = "import msgspec\nclass Odd(msgspec.Struct):\n    handle: memoryview | type\n\n"
        source = settings + broken(
            healthy_source, "wrong", ("api=API_VERSION", "api=API_VERSION, app_settings=Odd")
        )
        site.install("wrong", source)
        state, reason = outcome("wrong")
        assert state == "failed"
        assert reason.startswith("app_settings gives no form")

    def test_sentences_that_are_not_json(self, site: Any, healthy_source: str) -> None:
        site.install("wrong", broken(healthy_source, "wrong"), files={"locales/fr.json": "{broken"})
        state, reason = outcome("wrong")
        assert state == "failed"
        assert reason.startswith("locales/fr.json cannot be read")

    def test_simulators_are_not_asked_in_production(self, site: Any, healthy_source: str) -> None:
        hook = "\n@hookimpl\ndef palabre_simulators():\n    raise RuntimeError('asked')\n"
        site.install("noisy", broken(healthy_source, "noisy") + hook)
        assert outcome("noisy") == ("failed", "Loading failed: RuntimeError: asked")
        allowed = frozenset({"noisy", "healthy"})
        registry = load(LoaderOptions(environment="production", allowed=allowed))
        assert "noisy" in registry.plugins


class TestRequired:
    def test_active_one_lets_the_process_start(self, site: Any) -> None:
        options = LoaderOptions(environment="demo", required=frozenset({"healthy"}))
        assert "healthy" in load(options).plugins

    def test_failed_one_stops_the_process_with_its_reason(self, site: Any) -> None:
        site.install("wrong", "raise SystemExit(3)")
        options = LoaderOptions(environment="demo", required=frozenset({"wrong"}))
        with pytest.raises(RequiredPluginMissing, match=r"wrong is required and not active.*Exit"):
            load(options)

    def test_absent_one_stops_the_process(self, site: Any) -> None:
        options = LoaderOptions(environment="demo", required=frozenset({"absent"}))
        with pytest.raises(RequiredPluginMissing, match="It is not installed"):
            load(options)


def test_a_refused_plugin_leaves_nothing_behind(site: Any, healthy_source: str) -> None:
    hook = "\n@hookimpl\ndef palabre_on_event(event):\n    pass\n"
    site.install("a_wrong", broken(healthy_source, "other") + hook)
    registry = load(DEMO)
    assert registry.listeners == ()
    assert "a_wrong" not in registry.adapters["publisher"]


def test_entry_point_group_is_the_documented_one() -> None:
    ours = importlib.metadata.distribution("palabre-facebook").entry_points
    assert [entry.group for entry in ours] == ["palabre.plugins"]
