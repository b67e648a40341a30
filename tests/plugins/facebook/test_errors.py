"""Every code of meta.md 2.2 and every subcode of 2.3 arrives as the class core reacts to."""

from datetime import UTC, datetime, timedelta

import pytest

from palabre.sdk.errors import (
    AuthExpired,
    AuthRevoked,
    ConfigError,
    Duplicate,
    InvalidContent,
    NotFoundRemote,
    PermissionMissing,
    PluginBug,
    PluginError,
    PolicyBlocked,
    QuotaExhausted,
    RateLimited,
    Transient,
    UnknownOutcome,
)
from palabre_facebook.errors import GraphError, Purpose, decode_error, to_plugin_error
from palabre_facebook.graph import read_usage

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

# (class, codes): written from the sheet, not from our table.
# fmt: off
TABLE: list[tuple[type[PluginError], list[str]]] = [
    (
        AuthRevoked,
        [
            "190", "190/456", "190/457", "190/458", "190/459", "190/460", "190/461", "190/462",
            "190/464", "190/465", "190/466", "190/467", "190/468", "102", "100/1404006",
            "100/1404112", "100/1404078", "100/4854002", "100/36007", "100/36009",
        ],
    ),
    (AuthExpired, ["190/463", "102/463"]),
    (PermissionMissing, ["190/492", "3", "10", "200", "203", "230", "294", "299"]),
    (ConfigError, ["104", "191", "2635", "100/36008"]),
    (
        RateLimited,
        [
            "4", "4/1504022", "4/1504039", "17", "17/2446079", "32", "341", "613", "613/1487742",
            "613/5044001", "613/1487225", "613/1996", "80000", "80000/2446079", "80001", "80002",
            "80003", "80003/2446079", "80004", "80004/2446079", "80005", "80006", "80007",
            "80008", "80009", "80014",
        ],
    ),
    (QuotaExhausted, ["17/1885172", "613/1487632"]),
    (PolicyBlocked, ["4/2207051", "368", "368/1390008", "100/1390008"]),
    (UnknownOutcome, ["1", "1/99", "2", "100/1363047", "100/1609010"]),
    (
        InvalidContent,
        [
            "100", "100/1487694", "194", "105", "500", "1609005", "100/1366046", "100/1346003",
            "100/1404102", "100/1609008", "100/2061006", "100/1349125", "100/2069019",
            "100/1363040", "100/1363127", "100/1363128", "100/1363129",
        ],
    ),
    (Duplicate, ["506", "100/1366051"]),
    (NotFoundRemote, ["100/33", "803"]),
    (PluginBug, ["100/1487534", "2500", "3001/1504028", "3018"]),
]
# fmt: on
ROWS = [(code, expected) for expected, codes in TABLE for code in codes]


def error(text: str, **more: object) -> GraphError:
    code, _, subcode = text.partition("/")
    return GraphError(code=int(code), subcode=int(subcode or 0), **more)  # type: ignore[arg-type]


def translate(
    given: GraphError, purpose: Purpose = Purpose.PUBLISH, status: int = 400
) -> PluginError:
    return to_plugin_error(given, status=status, purpose=purpose, now=NOW)


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_code_on_a_publishing_call(text: str, expected: type[PluginError]) -> None:
    found = translate(error(text))

    assert type(found) is expected
    assert found.remote_code == text


@pytest.mark.parametrize("text", ["1", "1/99", "2", "100/1363047", "100/1609010"])
@pytest.mark.parametrize("purpose", [Purpose.READ, Purpose.PREPARE])
def test_perhaps_is_transient_where_nothing_becomes_visible(text: str, purpose: Purpose) -> None:
    assert type(translate(error(text), purpose, status=500)) is Transient


@pytest.mark.parametrize(
    ("purpose", "status", "expected"),
    [
        (Purpose.PUBLISH, 500, UnknownOutcome),
        (Purpose.PUBLISH, 400, InvalidContent),
        (Purpose.PREPARE, 500, Transient),
        (Purpose.PREPARE, 400, InvalidContent),
        (Purpose.READ, 500, Transient),
        (Purpose.READ, 400, Transient),
        (Purpose.OAUTH, 400, ConfigError),
        (Purpose.OAUTH, 500, Transient),
    ],
)
def test_code_nobody_told_us_of(purpose: Purpose, status: int, expected: type[PluginError]) -> None:
    assert type(translate(error("987654"), purpose, status)) is expected


def test_is_transient_wins_over_a_general_code_but_not_over_a_precise_one() -> None:
    assert type(translate(error("100", is_transient=True))) is UnknownOutcome
    assert type(translate(error("100", is_transient=True), Purpose.READ)) is Transient
    assert type(translate(error("32", is_transient=True))) is RateLimited
    assert type(translate(error("190/460", is_transient=True))) is AuthRevoked
    assert type(translate(error("368", is_transient=True))) is PolicyBlocked


def test_texts_that_share_code_100() -> None:
    right = error("100", message="(#100) No permission to publish the video")
    long = error("100", message="Name parameter too long")

    assert type(translate(right)) is PermissionMissing
    assert translate(long).user_key == "text_too_long"


def test_times_to_wait() -> None:
    blocked = translate(error("368"))
    daily = translate(error("17/1885172"))
    limited = to_plugin_error(
        error("80001"), status=400, purpose=Purpose.PUBLISH, now=NOW, regain_s=600
    )

    assert isinstance(blocked, PolicyBlocked)
    assert blocked.until == NOW + timedelta(hours=6)
    assert isinstance(daily, QuotaExhausted)
    assert daily.until == NOW + timedelta(hours=24)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == 600
    short = translate(error("4"))
    assert isinstance(short, RateLimited)
    assert short.retry_after_s == 60


def test_envelope_is_read_and_other_bodies_are_not() -> None:
    body = {"error": {"code": 190, "error_subcode": 463, "fbtrace_id": "A1", "message": "m"}}

    found = decode_error(body)
    assert found is not None
    assert (found.remote_code, found.trace_id) == ("190/463", "A1")
    assert decode_error({"id": "1"}) is None
    assert decode_error({"error": "text"}) is None
    assert decode_error([]) is None


def test_the_message_of_the_platform_is_not_repeated() -> None:
    found = translate(error("190", message="token EAAsecret is dead"))

    assert "EAAsecret" not in str(found) + repr(found) + found.internal


def test_usage_headers() -> None:
    headers = {
        "x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}',
        "x-business-use-case-usage": '{"1":[{"type":"pages","call_count":95,"total_cputime":20,'
        '"total_time":20,"estimated_time_to_regain_access":7}]}',
    }

    assert read_usage(headers) == (95, 420.0)
    assert read_usage({"x-app-usage": "broken"}) == (0, 0.0)
    assert read_usage({}) == (0, 0.0)
