"""The contract itself: light to import, documented, its errors pinned, its secrets silent."""

import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec
import pytest

import palabre.sdk
from palabre.sdk import Secret, SecretText, Value, errors
from palabre.sdk.hookspecs import Hooks
from palabre.sdk.publish import PostRequest
from palabre.sdk.values import ADAPTER_KEY, count_text

MODULES = sorted(
    f"palabre.sdk.{module.name}" for module in pkgutil.iter_modules(palabre.sdk.__path__)
)
HEAVY = (
    "litestar sqlalchemy asyncpg arq redis anthropic openai httpx structlog starlette cryptography"
)


def public_things() -> Iterator[tuple[str, Any]]:
    """Yield every public class, function and method of the contract with its dotted name."""
    for name in ["palabre.sdk", *MODULES]:
        module = importlib.import_module(name)
        yield name, module
        for label, thing in vars(module).items():
            if label.startswith("_") or getattr(thing, "__module__", None) != name:
                continue
            if inspect.isclass(thing) or inspect.isfunction(thing):
                yield f"{name}.{label}", thing
            if inspect.isclass(thing):
                yield from methods(f"{name}.{label}", thing)


def methods(prefix: str, kind: type) -> Iterator[tuple[str, Any]]:
    for label, member in vars(kind).items():
        if label.startswith("_"):
            continue
        if inspect.isfunction(member) or isinstance(member, property):
            yield f"{prefix}.{label}", member


class TestImport:
    def test_loads_nothing_heavy_and_nothing_else_of_core(self) -> None:
        code = (
            f"import sys, {', '.join(MODULES)}\n"
            "print(*sorted({m.partition('.')[0] for m in sys.modules}))\n"
            "print(*sorted(m for m in sys.modules if m.startswith('palabre')))"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        top, ours = (set(line.split()) for line in run.stdout.splitlines())
        assert not top & set(HEAVY.split())
        assert ours == {"palabre", "palabre.sdk", *MODULES}

    def test_everything_promised_is_there(self) -> None:
        assert all(hasattr(palabre.sdk, name) for name in palabre.sdk.__all__)


@pytest.mark.parametrize(("name", "thing"), list(public_things()))
def test_public_thing_has_a_docstring(name: str, thing: Any) -> None:
    text = thing.__doc__ or ""
    assert text.strip(), f"{name} says nothing"
    if isinstance(thing, type) and issubclass(thing, msgspec.Struct):
        assert not text.startswith(f"{thing.__name__}("), f"{name} has a generated docstring"


def test_docstring_check_sees_methods_and_modules() -> None:
    names = dict(public_things())
    assert isinstance(names["palabre.sdk.values"], ModuleType)
    assert "palabre.sdk.adapters.Publisher.submit" in names
    assert "palabre.sdk.context.PluginHttp.request" in names


@pytest.mark.parametrize("name", [name for name in vars(Hooks) if name.startswith("palabre_")])
def test_hook_says_since_when(name: str) -> None:
    assert "Since 1." in (getattr(Hooks, name).__doc__ or "")


class TestTaxonomy:
    def test_is_closed(self) -> None:
        assert [(kind.__name__, kind.code) for kind in errors.TAXONOMY] == [
            ("ConfigError", "config_error"),
            ("AuthExpired", "auth_expired"),
            ("AuthRevoked", "auth_revoked"),
            ("PermissionMissing", "permission_missing"),
            ("InvalidContent", "invalid_content"),
            ("RateLimited", "rate_limited"),
            ("QuotaExhausted", "quota_exhausted"),
            ("PolicyBlocked", "policy_blocked"),
            ("Transient", "transient"),
            ("UnknownOutcome", "unknown_outcome"),
            ("Duplicate", "duplicate"),
            ("NotFoundRemote", "not_found_remote"),
            ("BillingStopped", "billing_stopped"),
            ("SpendNotApproved", "spend_not_approved"),
            ("SignatureInvalid", "signature_invalid"),
            ("Unsupported", "unsupported"),
            ("NotEnabled", "not_enabled"),
            ("PluginBug", "plugin_bug"),
        ]

    def test_holds_every_error_of_the_module(self) -> None:
        written = {
            kind
            for kind in vars(errors).values()
            if inspect.isclass(kind) and issubclass(kind, errors.PluginError)
        }
        assert written - {errors.PluginError} == set(errors.TAXONOMY)

    def test_internal_text_is_cut(self) -> None:
        error = errors.RateLimited("x" * 3000, retry_after_s=5, remote_code="4")
        assert len(error.internal) == len(str(error)) == 2000
        assert (error.retry_after_s, error.remote_code) == (5, "4")


class TestSecret:
    def test_is_silent(self) -> None:
        secret = Secret("s3cret")
        assert "s3cret" not in f"{secret} {secret!r} {[secret]} {secret:}"
        assert secret.reveal() == "s3cret"

    def test_does_not_serialise(self) -> None:
        with pytest.raises(TypeError, match="never serialised"):
            pickle.dumps(Secret("s3cret"))
        with pytest.raises(TypeError):
            msgspec.json.encode(Secret("s3cret"))

    def test_is_masked_inside_a_struct(self) -> None:
        class App(msgspec.Struct):
            key: SecretText

        assert repr(App(key=Secret("s3cret"))) == "App(key=Secret('***'))"

    def test_empty_is_false(self) -> None:
        assert (bool(Secret("")), bool(Secret("x"))) == (False, True)


class TestValues:
    def test_cannot_be_changed(self) -> None:
        post = PostRequest(publication_id="p", kind="text")
        with pytest.raises(AttributeError):
            post.text = "other"  # type: ignore[misc]

    def test_old_reader_understands_a_new_payload(self) -> None:
        payload = b'{"publication_id": "p", "kind": "text", "field_of_2030": 1}'
        assert msgspec.json.decode(payload, type=PostRequest).kind == "text"

    def test_every_value_is_frozen(self) -> None:
        values = [
            thing
            for _, thing in public_things()
            if isinstance(thing, type) and issubclass(thing, Value)
        ]
        assert len(values) > 40
        assert all(value.__struct_config__.frozen for value in values)

    @pytest.mark.parametrize(
        ("text", "unit", "length"),
        [
            ("été", "chars", 3),
            ("été", "bytes", 5),
            ("a👍", "chars", 2),
            ("a👍", "utf16", 3),
            ("été", "weighted", 3),
            ("日本", "weighted", 4),
            ("“a”", "weighted", 3),
            ("", "weighted", 0),
        ],
    )
    def test_text_counted_in_the_platforms_unit(self, text: str, unit: Any, length: int) -> None:
        assert count_text(text, unit) == length

    @pytest.mark.parametrize(
        ("key", "accepted"),
        [
            ("make", True),
            ("make.instagram", True),
            ("google_business", True),
            ("Make", False),
            ("make.", False),
            ("make.a.b", False),
            ("1make", False),
            ("a" * 32, True),
            ("a" * 33, False),
        ],
    )
    def test_adapter_key(self, key: str, accepted: bool) -> None:
        assert bool(ADAPTER_KEY.fullmatch(key)) is accepted
