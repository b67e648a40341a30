"""The bell, preferences and the demo's mail catcher, over HTTP."""

from pathlib import Path
from typing import Any
from uuid import UUID

from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.notifications.tables import notices
from palabre.domains.runtime import Runtime
from palabre.mail.service import post
from tests.support.api import (
    Agency,
    Api,
    Person,
    World,
    assert_error,
    make_client,
    make_person,
    make_settings,
    running_app,
)
from tests.support.databases import DatabaseUrls

DEFAULTS = {
    "publication_failed": (True, True),
    "publication_needs_person": (True, True),
    "account_needs_reconnect": (True, True),
    "publication_published": (True, False),
}
PREFERENCES = "/v1/me/notification-preferences"


async def notice(
    runtime: Runtime, person: Person, client_id: UUID | None, *, in_app: bool = True
) -> str:
    """Tell somebody that a publication failed; return the notice's id."""
    async with runtime.database.transaction(Scope.of_agency(person.agency_id)) as tx:
        made = await tx.insert(
            notices,
            client_id=client_id,
            user_id=person.id,
            kind="publication_failed",
            params={"account": "Teranga", "why": {"en": "Why", "fr": "Pourquoi"}, "who": "you"},
            target_kind="publication",
            target_id=new_id(),
            cause_id=new_id(),
            in_app=in_app,
            mail_wanted=False,
        )
    return str(made)


async def test_nobody_has_no_bell(api: Api) -> None:
    one = f"/v1/notices/{new_id()}/read"
    for method, path in (
        ("GET", "/v1/notices"),
        ("POST", one),
        ("POST", "/v1/notices:read-all"),
        ("GET", PREFERENCES),
        ("PUT", PREFERENCES),
    ):
        assert_error(await api.call(method, path), 401, "not_signed_in")


async def test_a_person_reads_their_notices_in_their_language(
    api: Api, runtime: Runtime, world: World
) -> None:
    made = [await notice(runtime, world.viewer, world.client_id) for _ in range(3)]
    await notice(runtime, world.viewer, world.client_id, in_app=False)
    await notice(runtime, world.editor, world.client_id)
    viewer = await api.as_(world.viewer)

    page = (await viewer.get("/v1/notices", params={"limit": 2})).json()
    assert [one["id"] for one in page["items"]] == made[:0:-1]
    assert page["unread"] == 3
    first = page["items"][0]
    assert first["title"] == "Not published on Teranga"
    assert first["text"] == "Why You can decide now."
    assert first["client"]["id"] == str(world.client_id)
    assert first["target"]["kind"] == "publication"
    assert first["read_at"] is None
    rest = await viewer.get("/v1/notices", params={"limit": 2, "cursor": page["next_cursor"]})
    assert [one["id"] for one in rest.json()["items"]] == made[:1]

    await viewer.patch("/v1/me", {"locale": "fr"})
    french = (await viewer.get("/v1/notices")).json()["items"][0]
    assert french["title"] == "Échec de publication sur Teranga"
    assert french["text"] == "Pourquoi Vous pouvez décider maintenant."
    assert_error(await viewer.get("/v1/notices", params={"cursor": "x"}), 422, "invalid")


async def test_reading_one_and_reading_all(api: Api, runtime: Runtime, world: World) -> None:
    made = [await notice(runtime, world.editor, world.client_id) for _ in range(3)]
    other = await notice(runtime, world.admin, world.client_id)
    editor = await api.as_(world.editor)

    for _ in range(2):
        assert (await editor.post(f"/v1/notices/{made[0]}/read")).status_code == 204
    unread = (await editor.get("/v1/notices", params={"unread": "true"})).json()
    assert [one["id"] for one in unread["items"]] == made[:0:-1]
    assert unread["unread"] == 2
    assert_error(await editor.post(f"/v1/notices/{other}/read"), 404, "not_found")
    assert_error(await editor.post(f"/v1/notices/{new_id()}/read"), 404, "not_found")

    assert (await editor.post("/v1/notices:read-all")).status_code == 204
    assert (await editor.get("/v1/notices")).json()["unread"] == 0
    admin = await api.as_(world.admin)
    assert (await admin.get("/v1/notices")).json()["unread"] == 1


async def test_who_leaves_a_client_no_longer_sees_what_they_were_told_of_it(
    api: Api, runtime: Runtime, world: World
) -> None:
    agency = Agency(id=world.agency.id, name="A", owner=world.owner)
    elsewhere = await make_client(runtime, agency, "Elsewhere")
    person = await make_person(runtime, agency, "editor", world.client_id)
    seen = await notice(runtime, person, world.client_id)
    gone = await notice(runtime, person, elsewhere)
    agencys = await notice(runtime, person, None)
    signed_in = await api.as_(person)

    page = (await signed_in.get("/v1/notices")).json()
    assert [one["id"] for one in page["items"]] == [seen]
    assert page["unread"] == 1
    for hidden in (gone, agencys):
        assert_error(await signed_in.post(f"/v1/notices/{hidden}/read"), 404, "not_found")


async def test_preferences(api: Api, world: World) -> None:
    viewer = await api.as_(world.viewer)
    assert _by_kind((await viewer.get(PREFERENCES)).json()) == DEFAULTS

    wanted = {"kind": "publication_failed", "in_app": True, "email": False}
    chosen = await viewer.put(PREFERENCES, {"items": [wanted]})
    assert chosen.status_code == 200, chosen.text
    expected = {**DEFAULTS, "publication_failed": (True, False)}
    assert _by_kind(chosen.json()) == expected
    assert _by_kind((await viewer.get(PREFERENCES)).json()) == expected
    editor = await api.as_(world.editor)
    assert _by_kind((await editor.get(PREFERENCES)).json()) == DEFAULTS

    twice = await viewer.put(PREFERENCES, {"items": [wanted, wanted]})
    assert_error(twice, 422, "invalid", field="items")
    unknown = {**wanted, "kind": "weather"}
    assert_error(await viewer.put(PREFERENCES, {"items": [unknown]}), 422, "invalid")
    assert_error(await viewer.put(PREFERENCES, {"items": []}), 422, "invalid", field="items")
    assert_error(await viewer.put(PREFERENCES, {"items": [wanted], "x": 1}), 422, "invalid")


async def test_there_is_no_mail_catcher_outside_the_demo(api: Api, world: World) -> None:
    owner = await api.as_(world.owner)
    for one in (api, owner):
        assert_error(await one.get("/v1/mail-catcher"), 404, "not_found")
        assert_error(await one.get(f"/v1/mail-catcher/{new_id()}/page"), 404, "not_found")


async def test_the_demos_mail_catcher_shows_mails_and_runs_nothing(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    demo = make_settings(database_urls, redis_url, tmp_path, environment="demo")
    async with running_app(demo) as app:
        runtime: Runtime = app.state.runtime
        facts = {"name": "<b>Awa</b>", "minutes": 30, "url": "http://palabre.test/reset#s=1"}
        async with runtime.database.unscoped() as tx:
            mail_id = await post(tx, "password_reset", "awa@example.org", "fr", facts)
        anonymous = Api(app)
        page = (await anonymous.get("/v1/mail-catcher", params={"limit": 1})).json()
        shown = await anonymous.get(f"/v1/mail-catcher/{mail_id}/page")
        missing = await anonymous.get(f"/v1/mail-catcher/{new_id()}/page")
        await anonymous.http.aclose()

    mail = page["items"][0]
    assert (mail["id"], mail["to"]) == (str(mail_id), "awa@example.org")
    assert mail["subject"] == "Choisir un nouveau mot de passe"
    assert "http://palabre.test/reset#s=1" in mail["text"]
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-top-navigation-by-user-activation; default-src 'none'")
    assert "allow-scripts" not in policy
    assert "&lt;b&gt;Awa" in shown.text
    assert_error(missing, 404, "not_found")


async def test_with_a_mail_server_the_demo_has_no_catcher(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    more: dict[str, Any] = {"environment": "demo", "smtp_url": "smtp://mail.example.org"}
    async with running_app(make_settings(database_urls, redis_url, tmp_path, **more)) as app:
        anonymous = Api(app)
        assert_error(await anonymous.get("/v1/mail-catcher"), 404, "not_found")
        await anonymous.http.aclose()


def _by_kind(body: Any) -> dict[str, tuple[bool, bool]]:
    return {one["kind"]: (one["in_app"], one["email"]) for one in body["items"]}
