"""Sessions, passwords and addresses over HTTP: what ends, what stays, and what is told to whom."""

from typing import Any

from litestar import Litestar
from sqlalchemy import text

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.domains.runtime import Runtime
from tests.support.api import PASSWORD, Api, World, assert_error, letters, sign_in

NEW = "quite another phrase"


async def _status(app: Litestar, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return (await Api(app, ip="10.5.0.1").post("/v1/auth/sessions", body)).status_code


async def test_sessions_are_listed_and_ended(app: Litestar, runtime: Runtime, world: World) -> None:
    here, there = [Api(app, await sign_in(runtime, world.viewer)) for _ in range(2)]
    listed = (await here.get("/v1/me/sessions")).json()["items"]
    assert sorted(session["current"] for session in listed) == [False, True]
    other = next(session["id"] for session in listed if not session["current"])
    assert (await here.delete(f"/v1/me/sessions/{other}")).status_code == 204
    assert_error(await there.get("/v1/me"), 401, "session_ended")
    assert_error(await here.delete(f"/v1/me/sessions/{other}"), 404, "not_found")
    assert (await here.get("/v1/me")).status_code == 200


async def test_all_others_end_at_once(app: Litestar, runtime: Runtime, world: World) -> None:
    here, *others = [Api(app, await sign_in(runtime, world.viewer)) for _ in range(3)]
    assert (await here.delete("/v1/me/sessions")).status_code == 204
    for other in others:
        assert_error(await other.get("/v1/me"), 401, "session_ended")
    assert len((await here.get("/v1/me/sessions")).json()["items"]) == 1


async def test_nobody_ends_a_session_of_another(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    mine = Api(app, await sign_in(runtime, world.viewer))
    session = (await mine.get("/v1/me/sessions")).json()["items"][0]["id"]
    editor, stranger = await api.as_(world.editor), await api.as_(world.stranger)
    path = f"/v1/members/{world.viewer.id}/sessions"
    assert_error(await editor.delete(f"/v1/me/sessions/{session}"), 404, "not_found")
    assert_error(await editor.delete(f"{path}/{session}"), 403, "role_too_low")
    assert_error(await stranger.delete(f"{path}/{session}"), 404, "not_found")
    assert (await stranger.get(path)).json()["items"] == []


async def test_an_admin_ends_a_members_sessions_and_they_are_told(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    owner = await api.as_(world.owner)
    first, second = [Api(app, await sign_in(runtime, world.viewer)) for _ in range(2)]
    path = f"/v1/members/{world.viewer.id}/sessions"
    session = (await owner.get(path)).json()["items"][0]["id"]
    assert (await owner.delete(f"{path}/{session}")).status_code == 204
    assert (await owner.delete(path)).status_code == 204
    for one in (first, second):
        assert_error(await one.get("/v1/me"), 401, "session_ended")
    told = [letter.template for letter in await letters(runtime, world.viewer.email)]
    assert told == ["session_revoked"] * 2


async def test_changing_the_password_asks_the_present_one_and_ends_the_others(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    here, there = [Api(app, await sign_in(runtime, world.viewer)) for _ in range(2)]
    wrong = {"current": "not this one at all", "password": NEW}
    assert_error(await here.post("/v1/me/password", wrong), 422, "invalid", field="current")
    weak = {"current": PASSWORD, "password": "short"}
    assert_error(await here.post("/v1/me/password", weak), 422, "invalid", field="password")
    changed = await here.post("/v1/me/password", {"current": PASSWORD, "password": NEW})
    assert changed.status_code == 204
    assert (await here.get("/v1/me")).status_code == 200
    assert_error(await there.get("/v1/me"), 401, "session_ended")
    assert await _status(app, world.viewer.email, PASSWORD) == 401
    assert await _status(app, world.viewer.email, NEW) == 201


async def _reset(app: Litestar, email: str) -> Any:
    return await Api(app, ip="10.5.0.2").post("/v1/auth/password-resets", {"email": email})


async def test_a_reset_works_once_and_ends_every_session(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    session = Api(app, await sign_in(runtime, world.viewer))
    assert (await _reset(app, world.viewer.email.upper())).status_code == 202
    secret = (await letters(runtime, world.viewer.email))[0].secret
    nobody, path = Api(app, ip="10.5.0.3"), "/v1/auth/password-resets/use"
    weak = await nobody.post(path, {"secret": secret, "password": "short"})
    assert_error(weak, 422, "invalid", field="password")
    body = {"secret": secret, "password": NEW}
    assert (await nobody.post(path, body)).status_code == 204
    assert_error(await nobody.post(path, body), 401, "link_expired")
    assert_error(await session.get("/v1/me"), 401, "session_ended")
    assert await _status(app, world.viewer.email, NEW) == 201


async def test_a_reset_ends_after_half_an_hour_and_with_the_next_one(
    app: Litestar, runtime: Runtime, world: World, clock: MovableClock
) -> None:
    nobody, path = Api(app, ip="10.5.0.4"), "/v1/auth/password-resets/use"
    await _reset(app, world.viewer.email)
    await _reset(app, world.viewer.email)
    newest, older = [letter.secret for letter in await letters(runtime, world.viewer.email)]
    answer = await nobody.post(path, {"secret": older, "password": NEW})
    assert_error(answer, 401, "link_expired")
    clock.advance(minutes=30, seconds=1)
    answer = await nobody.post(path, {"secret": newest, "password": NEW})
    assert_error(answer, 401, "link_expired")


async def test_a_reset_tells_nothing_about_an_address(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    unknown = f"{new_id().hex}@example.org"
    before = await _links(runtime)
    answers = [await _reset(app, email) for email in (world.admin.email, unknown)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert await letters(runtime, unknown) == []
    assert [x.template for x in await letters(runtime, world.admin.email)] == ["password_reset"]
    assert await _links(runtime) == before + 1


async def _links(runtime: Runtime) -> int:
    async with runtime.database.unscoped() as tx:
        n: int = await tx.scalar(text("SELECT count(*) FROM one_time_links"))
    return n


async def test_a_link_serves_its_own_purpose_only(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    await _reset(app, world.viewer.email)
    secret = (await letters(runtime, world.viewer.email))[0].secret
    nobody = Api(app, ip="10.5.0.5")
    for path in ("/v1/auth/links:exchange", "/v1/auth/verifications", "/v1/auth/invitations"):
        assert_error(await nobody.post(path, {"secret": secret}), 401, "link_expired")


async def test_an_unconfirmed_address_has_one_client_until_it_is_confirmed(
    app: Litestar, runtime: Runtime
) -> None:
    email, nobody = f"{new_id().hex}@example.org", Api(app, ip="10.5.0.6")
    body = {"agency_name": "New", "name": "Awa", "email": email, "password": PASSWORD}
    await nobody.post("/v1/auth/registrations", body)
    signed = {"email": email, "password": PASSWORD, "keep": "body"}
    session = (await nobody.post("/v1/auth/sessions", signed)).json()
    owner = Api(app, session["access_token"])
    client = {"name": "Teranga", "time_zone": "UTC"}
    assert (await owner.post("/v1/clients", client)).status_code == 201
    assert_error(await owner.post("/v1/clients", client), 403, "email_not_verified")
    assert (await owner.post("/v1/me/verifications")).status_code == 202
    newest, older = [letter.secret for letter in await letters(runtime, email)]
    stale = await nobody.post("/v1/auth/verifications", {"secret": older})
    assert_error(stale, 401, "link_expired")
    confirmed = await nobody.post("/v1/auth/verifications", {"secret": newest})
    assert confirmed.status_code == 204
    assert (await owner.get("/v1/me")).json()["email_verified"] is True
    assert (await owner.post("/v1/clients", client)).status_code == 201
