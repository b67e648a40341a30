"""Choosing adapters: enabled or not there, sentences, what the API shows."""

from typing import Any

import pytest

from palabre.plugins.loader import load
from palabre.plugins.registry import Registry
from palabre.plugins.slots import LocalSlots
from palabre.plugins.states import LoaderOptions
from palabre.sdk.errors import (
    TAXONOMY,
    AuthRevoked,
    InvalidContent,
    NotEnabled,
    PolicyBlocked,
    Unsupported,
)

ALL = LoaderOptions(environment="demo")
SENTENCES = {
    "locales/en.json": '{"too_long": "At most {max}.", "AuthRevoked": "The board says no."}',
    "locales/fr.json": '{"too_long": "Au plus {max}."}',
}


@pytest.fixture
def registry(site: Any, healthy_source: str) -> Registry:
    """Load the healthy plugin, one with sentences and one that fails."""
    source = healthy_source.replace('"healthy"', '"talks"')
    site.install("talks", source, files=SENTENCES)
    site.install("wrong", "import a_module_nobody_has")
    return load(ALL)


class TestForClient:
    def test_absent_means_off(self, registry: Registry) -> None:
        with pytest.raises(NotEnabled, match="healthy is not enabled"):
            registry.for_client(frozenset()).publisher("healthy")

    def test_enabled_gives_the_adapter(self, registry: Registry) -> None:
        view = registry.for_client(frozenset({"healthy"}))
        assert view.publisher("healthy").platform == "board"

    def test_one_client_does_not_see_the_enabling_of_another(self, registry: Registry) -> None:
        registry.for_client(frozenset({"healthy"})).publisher("healthy")
        with pytest.raises(NotEnabled):
            registry.for_client(frozenset({"talks"})).publisher("healthy")

    def test_family_the_plugin_lacks(self, registry: Registry) -> None:
        with pytest.raises(Unsupported, match="healthy has no metrics adapter healthy"):
            registry.for_client(frozenset({"healthy"})).metrics("healthy")

    def test_never_another_adapter_of_the_plugin(self, registry: Registry) -> None:
        with pytest.raises(Unsupported):
            registry.for_client(frozenset({"healthy"})).publisher("healthy.board")

    def test_enabled_but_failed_names_the_reason(self, registry: Registry) -> None:
        with pytest.raises(NotEnabled, match="wrong is failed: The import failed"):
            registry.for_client(frozenset({"wrong"})).publisher("wrong")

    def test_enabled_but_not_installed(self, registry: Registry) -> None:
        with pytest.raises(NotEnabled, match="gone is not installed"):
            registry.for_client(frozenset({"gone"})).publisher("gone")

    def test_keys_are_those_of_the_client(self, registry: Registry) -> None:
        assert registry.for_client(frozenset({"talks", "gone"})).keys("publisher") == ("talks",)

    def test_unscoped_sees_everything_active(self, registry: Registry) -> None:
        assert {"healthy", "talks"} <= set(registry.unscoped().keys("publisher"))

    def test_builtin_needs_no_enabling(self, loaded_plugin: Any, plugin_status: Any) -> None:
        import msgspec

        inside = plugin_status("inside", origin="builtin")
        one = msgspec.structs.replace(loaded_plugin("inside"), status=inside)
        view = Registry([one], [inside], LocalSlots()).for_client(frozenset())
        assert view.is_enabled("inside")
        with pytest.raises(Unsupported):
            view.media("inside")

    def test_view_holds_two_references(self, registry: Registry) -> None:
        view = registry.for_client(frozenset())
        assert view.__slots__ == ("enabled", "registry")
        assert not hasattr(view, "__dict__")


class TestFrozen:
    def test_adapters_cannot_be_replaced(self, registry: Registry) -> None:
        with pytest.raises(TypeError):
            registry.adapters["publisher"]["healthy"] = object()  # type: ignore[index]
        with pytest.raises(TypeError):
            registry.plugins["healthy"] = object()  # type: ignore[index]


class TestSentences:
    def test_of_the_plugin_in_the_language(self, registry: Registry) -> None:
        assert registry.say("talks", "fr", "too_long", {"max": 5}) == "Au plus 5."

    def test_of_the_plugin_in_english_when_the_language_lacks_it(self, registry: Registry) -> None:
        assert registry.explain("talks", "fr", AuthRevoked()) == "The board says no."

    def test_of_core_when_the_plugin_has_none(self, registry: Registry) -> None:
        assert registry.explain("healthy", "en", AuthRevoked()).startswith("Board no longer")

    def test_key_when_nobody_has_it(self, registry: Registry) -> None:
        assert registry.say("talks", "fr", "nobody_wrote_this") == "nobody_wrote_this"

    def test_error_with_a_sentence_of_its_own(self, registry: Registry) -> None:
        error = InvalidContent("raw text", user_key="too_long", params={"max": 9})
        assert registry.explain("talks", "en", error) == "At most 9."

    def test_error_whose_sentence_is_missing_falls_back_to_its_class(
        self, registry: Registry
    ) -> None:
        error = InvalidContent("raw text", user_key="not_written")
        assert registry.explain("talks", "en", error).startswith("Board does not accept")

    @pytest.mark.parametrize("locale", ["en", "fr"])
    @pytest.mark.parametrize("kind", TAXONOMY)
    def test_core_has_one_for_every_error(
        self, registry: Registry, locale: str, kind: Any, now: Any
    ) -> None:
        more = {"until": now} if issubclass(kind, PolicyBlocked.__mro__[1]) else {}
        sentence = registry.explain("healthy", locale, kind("internal", **more))
        assert sentence.endswith(".")
        assert "internal" not in sentence
        assert "{" not in sentence

    def test_plugin_that_is_not_active_still_has_core_s(self, registry: Registry) -> None:
        assert registry.explain("wrong", "en", AuthRevoked()).startswith("wrong no longer")


class TestDescribe:
    def test_active_one(self, registry: Registry) -> None:
        facts = {one["key"]: one for one in registry.describe()}["healthy"]
        assert facts["state"] == "active"
        assert facts["name"] == "Board"
        assert facts["version"] == "1.2.3"
        assert facts["origin"] == "third_party"
        assert facts["settings_schema"] is None
        assert facts["adapters"] == [
            {
                "family": "publisher",
                "key": "healthy",
                "platform": "board",
                "capabilities": ["publish.text"],
            }
        ]

    def test_failed_one_says_why(self, registry: Registry) -> None:
        facts = {one["key"]: one for one in registry.describe()}["wrong"]
        assert facts["state"] == "failed"
        assert "a_module_nobody_has" in facts["reason"]

    def test_is_json(self, registry: Registry) -> None:
        import msgspec

        decoded = msgspec.json.decode(msgspec.json.encode(registry.describe()))
        assert "healthy" in {one["key"] for one in decoded}
