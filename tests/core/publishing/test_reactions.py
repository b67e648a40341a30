"""What follows from each error of the taxonomy, before a send and after it."""

from datetime import UTC, datetime, timedelta

import pytest

from palabre.base.words import has
from palabre.domains.publishing.machine import STATES, TABLE, public
from palabre.domains.publishing.reactions import Situation, react
from palabre.domains.publishing.records import WHO, record
from palabre.domains.publishing.timing import Timing
from palabre.sdk import errors

NOW = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
ERRORS = {
    "config_error": errors.ConfigError(),
    "auth_expired": errors.AuthExpired(),
    "auth_revoked": errors.AuthRevoked(),
    "permission_missing": errors.PermissionMissing(scopes=("post",)),
    "invalid_content": errors.InvalidContent(),
    "rate_limited": errors.RateLimited(retry_after_s=60),
    "quota_exhausted": errors.QuotaExhausted(until=LATER),
    "policy_blocked": errors.PolicyBlocked(until=LATER),
    "transient": errors.Transient(),
    "unknown_outcome": errors.UnknownOutcome(),
    "duplicate": errors.Duplicate(),
    "not_found_remote": errors.NotFoundRemote(),
    "billing_stopped": errors.BillingStopped(),
    "spend_not_approved": errors.SpendNotApproved(),
    "signature_invalid": errors.SignatureInvalid(),
    "unsupported": errors.Unsupported(),
    "not_enabled": errors.NotEnabled(),
    "plugin_bug": errors.PluginBug(),
}
SENT = {
    "config_error": "failed",
    "auth_expired": "scheduled",
    "auth_revoked": "held",
    "permission_missing": "held",
    "invalid_content": "failed",
    "rate_limited": "scheduled",
    "quota_exhausted": "scheduled",
    "policy_blocked": "scheduled",
    "transient": "scheduled",
    "unknown_outcome": "unknown",
    "duplicate": "unknown",
    "not_found_remote": "failed",
    "billing_stopped": "held",
    "spend_not_approved": "failed",
    "signature_invalid": "failed",
    "unsupported": "failed",
    "not_enabled": "held",
    "plugin_bug": "unknown",
}
NOT_SENT = SENT | {"unknown_outcome": "scheduled", "duplicate": "failed", "plugin_bug": "failed"}


def test_every_class_of_the_taxonomy_is_covered() -> None:
    assert {kind.code for kind in errors.TAXONOMY} == set(ERRORS) == set(SENT)


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("sent", [True, False])
def test_reaction(code: str, sent: bool) -> None:
    verdict = react(ERRORS[code], Situation(now=NOW, timing=Timing(), sent=sent))

    assert verdict.to == (SENT if sent else NOT_SENT)[code]
    assert verdict.to in TABLE["sending" if sent else "preparing"]
    assert (verdict.due_at is None) == (verdict.to == "failed")
    assert (verdict.record.online == "unknown") == (verdict.to == "unknown")
    assert has(f"plugin_error.{verdict.record.code}")


def test_the_fourth_failure_of_the_platform_is_final() -> None:
    before = record("transient", tries=3)
    verdict = react(
        errors.Transient(), Situation(now=NOW, timing=Timing(), sent=True, before=before)
    )
    assert (verdict.to, verdict.record.code) == ("failed", "transient_end")


def test_a_platform_that_names_a_longer_wait_gets_it() -> None:
    error = errors.Transient(retry_after_s=7200)
    verdict = react(error, Situation(now=NOW, timing=Timing(), sent=False))
    assert verdict.due_at is not None
    assert verdict.due_at >= NOW + timedelta(hours=2)


def test_everybody_who_must_act_has_a_sentence() -> None:
    missing = [code for code in WHO if not has(f"plugin_error.{code}")]
    assert missing == []


def test_the_table_names_every_state_and_only_known_ones() -> None:
    assert set(TABLE) == set(STATES)
    assert set().union(*TABLE.values()) <= set(STATES)
    assert {public(state) for state in ("claimed", "preparing", "sending", "processing")} == {
        "publishing"
    }


def test_nothing_leads_back_from_a_possible_post_to_cancelled() -> None:
    for state in ("sending", "processing", "unknown", "published"):
        assert "cancelled" not in TABLE[state]  # type: ignore[index]
        assert "claimed" not in TABLE[state]  # type: ignore[index]


def test_unsafe_durations_are_refused() -> None:
    with pytest.raises(ValueError, match="watchdog"):
        Timing(watchdog_s=10, heartbeat_s=5)
    scaled = Timing().scaled(0.01)
    assert scaled.settle(300) == pytest.approx(Timing().settle(300) / 100)
