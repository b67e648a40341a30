"""Connecting: dialog, exchange, Pages, health, refresh, revocation; and what goes wrong."""

import json
import logging
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from palabre.sdk import Secret
from palabre.sdk.connect import ConnectStart
from palabre.sdk.errors import AuthRevoked, ConfigError, PermissionMissing, Transient
from palabre_facebook import auth
from palabre_facebook.auth import FacebookAuth
from palabre_facebook.settings import AppSettings

from .support import AWA, CLAIRE, MOUSSA, REDIRECT, TERANGA, Facebook, by_name, running_facebook


async def test_dialog_address_is_the_real_one(facebook: Facebook) -> None:
    start = ConnectStart(
        redirect_uri=REDIRECT, state="s", code_challenge="c", scopes=("a", "b"), rerequest=True
    )
    url = (await FacebookAuth().start(facebook.context(Secret("")), start)).url

    assert url.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
    assert {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()} == {
        "client_id": "880012345678901",
        "redirect_uri": REDIRECT,
        "state": "s",
        "response_type": "code",
        "scope": "a,b",
        "display": "popup",
        "auth_type": "rerequest",
    }


async def test_consent_becomes_a_long_lived_grant(facebook: Facebook) -> None:
    query = await facebook.dialog()
    grant = await facebook.complete(dict(query))

    assert query["state"] == "s-1"
    assert (grant.subject_id, grant.subject_name) == (AWA, "Awa Ndiaye")
    assert set(grant.scopes) >= {"pages_show_list", "pages_manage_posts"}
    assert grant.expires_at is not None
    assert grant.data_access_expires_at is not None
    days = (grant.expires_at - facebook.context(Secret("")).clock.now()).days
    assert 58 <= days <= 60


async def test_every_page_is_listed_and_says_whether_it_can_be_connected(
    facebook: Facebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "PAGES_PER_READ", "1")  # three Pages on three pages of the list
    grant = await facebook.connect()
    accounts = await FacebookAuth().accounts(facebook.context(grant.access_token), grant)

    pages = by_name(accounts)
    assert list(pages) == ["Maison Teranga", "Atelier Ndar", "Dakar Course à Pied"]
    assert pages["Maison Teranga"].connectable
    assert pages["Atelier Ndar"].connectable  # a task of the new Pages
    assert not pages["Dakar Course à Pied"].connectable
    assert pages["Dakar Course à Pied"].reason_key == "page_without_publishing_right"
    tokens = {page.access_token for page in accounts}
    assert len(tokens) == 3
    assert grant.access_token not in tokens
    assert pages["Maison Teranga"].followers == 12840
    assert pages["Maison Teranga"].url == "https://www.facebook.com/maisonteranga"


async def test_person_without_page(facebook: Facebook) -> None:
    grant = await facebook.connect(MOUSSA)

    assert await FacebookAuth().accounts(facebook.context(grant.access_token), grant) == []


async def test_consent_refused(facebook: Facebook) -> None:
    query = await facebook.dialog(sim_decision="deny")
    with pytest.raises(PermissionMissing) as caught:
        await facebook.complete(dict(query))

    assert caught.value.user_key == "connect_refused"


async def test_declined_permission_is_named(facebook: Facebook) -> None:
    ctx = facebook.context(Secret(""))
    scopes = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
    start = ConnectStart(redirect_uri=REDIRECT, state="s", code_challenge="c", scopes=scopes)
    url = (await FacebookAuth().start(ctx, start)).url
    form = {"decision": "approve", "person": AWA, "scope": "pages_show_list"}
    answer = await facebook.website.request("POST", url, form=form)
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    with pytest.raises(PermissionMissing) as caught:
        await facebook.complete({"code": code})

    assert caught.value.scopes == ("pages_read_engagement", "pages_manage_posts")
    assert caught.value.user_key == "connect_scopes_missing"


async def test_code_works_once(facebook: Facebook) -> None:
    query = dict(await facebook.dialog())
    await facebook.complete(query)
    with pytest.raises(AuthRevoked) as caught:
        await facebook.complete(query)

    assert (caught.value.remote_code, caught.value.user_key) == ("100/36009", "code_used")


async def test_code_expires(tmp_path: Path) -> None:
    async with running_facebook(tmp_path) as before:
        query = dict(await before.dialog())
    kept = tmp_path / "facebook" / "facebook.json"
    state = json.loads(kept.read_text())
    state["codes"][query["code"]]["expires_at"] -= 601
    kept.write_text(json.dumps(state))
    async with running_facebook(tmp_path) as after:
        with pytest.raises(AuthRevoked) as caught:
            await after.complete(query)

    assert (caught.value.remote_code, caught.value.user_key) == ("100/36007", "code_expired")


async def test_redirect_address_must_match_byte_for_byte(facebook: Facebook) -> None:
    query = dict(await facebook.dialog())
    with pytest.raises(ConfigError) as caught:
        await facebook.complete(query, redirect=REDIRECT + "/")

    assert caught.value.user_key == "redirect_not_allowed"


async def test_wrong_secret_is_a_matter_of_settings(facebook: Facebook) -> None:
    ctx = facebook.context(Secret(""))
    ctx.settings = AppSettings(app_id=ctx.settings.app_id, app_secret=Secret("wrong"))
    grant = await facebook.connect()
    with pytest.raises(ConfigError) as caught:
        await FacebookAuth().refresh(ctx, grant)

    assert caught.value.user_key == "app_settings_wrong"


async def test_no_app_is_a_matter_of_settings(facebook: Facebook) -> None:
    ctx = facebook.context(Secret(""))
    ctx.settings = None
    start = ConnectStart(redirect_uri=REDIRECT, state="s", code_challenge="c", scopes=())
    with pytest.raises(ConfigError):
        await FacebookAuth().start(ctx, start)


async def test_dialog_trouble_at_meta_is_not_a_refusal(facebook: Facebook) -> None:
    with pytest.raises(ConfigError):
        await facebook.complete({"error_code": "1349126", "error_message": "App not set up"})


async def test_exchange_hiccup_is_transient(facebook: Facebook) -> None:
    query = dict(await facebook.dialog())
    await facebook.fault("before", path="*/oauth/access_token", preset="html_error")
    with pytest.raises(Transient):
        await facebook.complete(query)


async def test_refresh_gives_a_new_token_of_the_same_person(facebook: Facebook) -> None:
    grant = await facebook.connect()
    longer = await FacebookAuth().refresh(facebook.context(grant.access_token), grant)

    assert longer.access_token != grant.access_token
    assert longer.subject_id == AWA


async def test_health_of_a_living_token(facebook: Facebook) -> None:
    ctx = await facebook.page()
    health = await FacebookAuth().check(ctx)

    assert health.ok
    assert (health.name, health.followers, health.expires_at) == ("Maison Teranga", 12840, None)
    assert health.missing_scopes == ()


async def test_revoked_consent_kills_the_page_token_and_can_be_repeated(
    facebook: Facebook,
) -> None:
    ctx = await facebook.page()
    grant = await facebook.connect()
    provider, person = FacebookAuth(), facebook.context(grant.access_token)
    await provider.revoke(person, grant)
    await provider.revoke(person, grant)

    with pytest.raises(AuthRevoked) as caught:
        await provider.check(ctx)
    assert (caught.value.remote_code, caught.value.user_key) == ("190/458", "token_revoked")
    with pytest.raises(AuthRevoked):
        await provider.refresh(person, grant)


async def test_consent_survives_at_other_people(facebook: Facebook) -> None:
    grant, other = await facebook.connect(), await facebook.connect(CLAIRE)
    await FacebookAuth().revoke(facebook.context(grant.access_token), grant)

    accounts = await FacebookAuth().accounts(facebook.context(other.access_token), other)
    assert [account.name for account in accounts] == ["Librairie du Canal"]


async def test_call_without_proof_is_refused(facebook: Facebook) -> None:
    ctx = await facebook.page()
    token = (await ctx.token()).secret.reveal()
    answer = await facebook.http.request(
        "GET",
        f"https://graph.facebook.com/v26.0/{TERANGA}",
        headers={"authorization": f"Bearer {token}"},
    )

    assert answer.json()["error"]["code"] == 100


async def test_unknown_version_is_said_so(facebook: Facebook) -> None:
    answer = await facebook.http.request("GET", "https://graph.facebook.com/v27.0/me")

    assert answer.json()["error"]["message"] == "Unknown path components: /me"


async def test_no_secret_in_logs_and_errors(
    facebook: Facebook, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        query = dict(await facebook.dialog())
        grant = await facebook.complete(query)
        ctx = facebook.context(grant.access_token)
        accounts = await FacebookAuth().accounts(ctx, grant)
        with pytest.raises(AuthRevoked) as caught:
            await facebook.complete(query)
    # What the simulator's own server logs is the other side's business.
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
    written = "".join(ours) + str(ctx.log.lines) + repr(caught.value) + repr(grant) + repr(accounts)
    secrets = [grant.access_token.reveal(), query["code"], "simulated-app-secret"]
    secrets += [a.access_token.reveal() for a in accounts if a.access_token]

    assert "graph.facebook.com" in written
    assert not [secret for secret in secrets if secret in written]
