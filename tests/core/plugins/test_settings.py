"""Settings of plugins: the narrowest level wins, secrets stay apart, problems name their field."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta, Struct

from palabre.base.errors import Invalid
from palabre.plugins.settings import (
    check_level,
    decode,
    masked,
    merge,
    missing,
    schema,
    split_secrets,
)
from palabre.sdk import Secret, SecretText


class App(Struct, frozen=True, kw_only=True):
    """One registration of an app."""

    app_id: str
    app_secret: SecretText
    pin: SecretText | None = None
    retries: Annotated[int, Meta(ge=0, le=9)] = 3
    sandbox: bool = False


def problems(error: Invalid) -> dict[str, str]:
    return {problem.field: problem.code for problem in error.problems}


class TestMerge:
    @pytest.mark.parametrize(
        ("installation", "agency", "client", "expected"),
        [
            ({"app_id": "i"}, {}, {}, {"app_id": "i"}),
            ({"app_id": "i"}, {"app_id": "a"}, {}, {"app_id": "a"}),
            ({"app_id": "i"}, {"app_id": "a"}, {"app_id": "c"}, {"app_id": "c"}),
            (
                {"app_id": "i", "retries": 1},
                {"retries": 2},
                {"sandbox": True},
                {"app_id": "i", "retries": 2, "sandbox": True},
            ),
            ({"app_id": "i"}, {"app_id": None}, {}, {"app_id": "i"}),
            ({"sandbox": True}, {"sandbox": False}, {}, {"sandbox": False}),
        ],
    )
    def test_field_by_field(
        self, installation: Any, agency: Any, client: Any, expected: dict[str, Any]
    ) -> None:
        assert merge(installation, agency, client) == expected


class TestDecode:
    def test_plain_and_secret_fields(self) -> None:
        app = decode(App, {"app_id": "1", "app_secret": Secret("s3cret"), "pin": "1234"})
        assert app.app_secret == Secret("s3cret")
        assert app.pin == Secret("1234")

    def test_texts_of_the_environment(self) -> None:
        app = decode(App, {"app_id": "1", "app_secret": "x", "retries": "7", "sandbox": "true"})
        assert (app.retries, app.sandbox) == (7, True)

    def test_repr_masks(self) -> None:
        app = decode(App, {"app_id": "1", "app_secret": "s3cret", "pin": "1234"})
        assert repr(app) == (
            "App(app_id='1', app_secret=Secret('***'), pin=Secret('***'), retries=3, sandbox=False)"
        )

    def test_all_problems_at_once(self) -> None:
        with pytest.raises(Invalid) as caught:
            decode(App, {"app_id": "", "retries": 70, "pin": 5})
        assert caught.value.code == "plugin_settings_incomplete"
        assert problems(caught.value) == {
            "app_id": "required",
            "app_secret": "required",
            "pin": "not_accepted",
            "retries": "not_accepted",
        }

    def test_problem_of_a_secret_does_not_repeat_it(self) -> None:
        class Short(Struct):
            code: Annotated[Secret, Meta(extra_json_schema={"type": "string"})]

        with pytest.raises(Invalid) as caught:
            decode(Short, {"code": {"text": "s3cret"}})
        assert "s3cret" not in repr(caught.value.problems)

    def test_rule_over_several_fields(self) -> None:
        class Pair(Struct):
            low: int
            high: int

            def __post_init__(self) -> None:
                if self.low > self.high:
                    raise ValueError("low is above high")

        with pytest.raises(Invalid) as caught:
            decode(Pair, {"low": 2, "high": 1})
        (problem,) = caught.value.problems
        assert (problem.field, problem.params["reason"]) == ("", "low is above high")


class TestCheckLevel:
    def test_part_of_the_fields_is_enough(self) -> None:
        check_level(App, {"retries": 4})

    def test_unknown_field(self) -> None:
        with pytest.raises(Invalid) as caught:
            check_level(App, {"app_idd": "1"})
        assert problems(caught.value) == {"app_idd": "unknown"}

    def test_texts_are_not_numbers_here(self) -> None:
        with pytest.raises(Invalid) as caught:
            check_level(App, {"retries": "4"})
        assert problems(caught.value) == {"retries": "not_accepted"}

    def test_none_takes_a_value_back(self) -> None:
        check_level(App, {"app_id": None})


class TestSecrets:
    def test_split(self) -> None:
        plain, secret = split_secrets(
            App, {"app_id": "1", "app_secret": "s3cret", "pin": None, "retries": 2}
        )
        assert plain == {"app_id": "1", "retries": 2}
        assert secret == {"app_secret": Secret("s3cret")}

    def test_masked_says_only_whether_it_is_set(self) -> None:
        shown = masked(App, {"app_id": "1", "app_secret": Secret("s3cret"), "old_field": 1})
        assert shown == {
            "app_id": "1",
            "app_secret": {"set": True},
            "pin": {"set": False},
            "retries": None,
            "sandbox": None,
        }
        assert b"s3cret" not in msgspec.json.encode(shown)


@pytest.mark.parametrize(
    ("merged", "expected"),
    [
        ({}, ["app_id", "app_secret"]),
        ({"app_id": "1"}, ["app_secret"]),
        ({"app_id": "1", "app_secret": Secret("")}, ["app_secret"]),
        ({"app_id": "1", "app_secret": Secret("x")}, []),
    ],
)
def test_missing_required_fields(merged: dict[str, Any], expected: list[str]) -> None:
    assert missing(App, merged) == expected


class TestSchema:
    def test_is_a_form(self) -> None:
        form = schema(App)
        assert form["type"] == "object"
        assert form["required"] == ["app_id", "app_secret"]
        assert form["properties"]["app_secret"] == {
            "type": "string",
            "writeOnly": True,
            "format": "password",
        }
        assert form["properties"]["retries"]["default"] == 3

    def test_optional_secret_is_write_only_too(self) -> None:
        assert "writeOnly" in msgspec.json.encode(schema(App)["properties"]["pin"]).decode()

    def test_nested_parts_come_along(self) -> None:
        class Inner(Struct):
            name: str

        class Outer(Struct):
            inner: Inner

        form = schema(Outer)
        assert form["properties"]["inner"] == {"$ref": "#/$defs/Inner"}
        assert form["$defs"]["Inner"]["properties"] == {"name": {"type": "string"}}
