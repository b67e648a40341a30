"""Registration, sign-in, links, refresh and sign-out over HTTP."""

import asyncio
import time
from typing import Any

import pytest
from litestar import Litestar

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.identity import service
from palabre.domains.runtime import Runtime
from tests.support.api import (
    PASSWORD,
    Api,
    World,
    assert_error,
    letters,
    make_agency,
    make_client,
    sign_in,
)

REGISTRATION = {
    "agency_name": "Agence Baobab",
    "name": "Awa Diop",
    "password": PASSWORD,
    "locale": "fr",
    "time_zone": "Africa/Dakar",
}


def _registration(email: str, **more: object) -> dict[str, object]:
    return {**REGISTRATION, "email": email, **more}


async def test_registration_makes_an_agency_and_its_owner(app: Litestar) -> None:
    api, email = Api(app, ip="10.1.0.1"), f"New.{new_id().hex}@Example.org"
    answer = await api.post("/v1/auth/registrations", _registration(f" {email} "))
    assert (answer.status_code, answer.json()) == (202, {"email": email.lower()})

    session = await _signed_in(api, email)

    assert session["token_type"] == "Bearer"
    assert session["expires_in"] == 900
    assert session["user"]["email"] == email.lower()
    assert session["user"]["agency_role"] == "owner"
    assert session["user"]["agency"]["name"] == "Agence Baobab"
    assert session["user"]["email_verified"] is False
    signed_in = Api(app, session["access_token"])
    assert (await signed_in.get("/v1/clients")).json() == {"items": [], "next_cursor": None}


async def test_registration_says_what_is_wrong_with_it(app: Litestar) -> None:
    api = Api(app, ip="10.1.0.2")
    for email, change, field in (
        ("a@example.org", {"password": "short"}, "password"),
        ("longer.address@example.org", {"password": "longer.address@example.org"}, "password"),
        ("a@example.org", {"password": "aaaaaaaaaaaaaaaa"}, "password"),
        ("not an address", {}, "email"),
        ("a@example.org", {"time_zone": "Africa/Atlantis"}, "time_zone"),
        ("a@example.org", {"agency_name": " "}, "agency_name"),
        ("a@example.org", {"is_operator": True}, "is_operator"),
    ):
        answer = await api.post("/v1/auth/registrations", _registration(email, **change))
        assert_error(answer, 422, "invalid", field=field)


async def test_a_known_address_gets_the_same_answer_and_a_mail(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    api, known, unknown = Api(app, ip="10.1.0.4"), world.owner.email, f"{new_id().hex}@example.org"
    answers, took = [], []
    for email in (known.upper(), unknown):
        began = time.perf_counter()
        answers.append(await api.post("/v1/auth/registrations", _registration(email)))
        took.append(time.perf_counter() - began)
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json() for answer in answers] == [{"email": known}, {"email": unknown}]
    assert answers[0].headers.keys() == answers[1].headers.keys()
    assert min(took) >= 0.25
    assert (await letters(runtime, known))[0].template == "known_address"
    assert [mail.template for mail in await letters(runtime, unknown)] == ["verify_address"]
    assert await _sign_in_status(api, known, PASSWORD) == 201


async def test_an_address_that_registers_twice_at_once_has_one_agency(
    app: Litestar, runtime: Runtime
) -> None:
    email = f"{new_id().hex}@example.org"
    answers = await asyncio.gather(
        *(
            Api(app, ip=f"10.1.1.{n}").post("/v1/auth/registrations", _registration(email))
            for n in range(4)
        )
    )
    assert [answer.status_code for answer in answers] == [202] * 4
    mails = sorted(mail.template for mail in await letters(runtime, email))
    assert mails == ["known_address"] * 3 + ["verify_address"]


async def test_an_account_without_an_agency_registers_anew(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    owner, leaver = await api.as_(world.owner), world.viewer
    assert (await owner.delete(f"/v1/members/{leaver.id}")).status_code == 204
    assert await _sign_in_status(api, leaver.email, PASSWORD) == 401
    body = _registration(leaver.email, password="quite another phrase")
    answer = await Api(app, ip="10.1.0.5").post("/v1/auth/registrations", body)
    assert answer.status_code == 202
    assert await _sign_in_status(api, leaver.email, "quite another phrase") == 201
    assert await _sign_in_status(Api(app, ip="10.1.0.6"), leaver.email, PASSWORD) == 401
    assert (await letters(runtime, leaver.email))[0].template == "verify_address"


async def test_sign_in_by_password(api: Api, world: World) -> None:
    answer = await api.post(
        "/v1/auth/sessions", {"email": world.editor.email, "password": PASSWORD, "keep": "body"}
    )
    assert answer.status_code == 201
    me = answer.json()["user"]
    assert me["agency_role"] is None
    assert [(c["id"], c["role"]) for c in me["clients"]] == [(str(world.client_id), "editor")]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    api: Api, world: World
) -> None:
    answer = await api.post("/v1/auth/sessions", {"email": world.owner.email, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "refresh_token" not in answer.json()
    for part in ("palabre_refresh=", "HttpOnly", "SameSite=strict", "Path=/v1/auth"):
        assert part in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_wrong_password_and_unknown_address_read_the_same(
    app: Litestar, world: World
) -> None:
    api = Api(app, ip="10.1.0.3")
    texts = set()
    for email in (world.owner.email, "nobody@example.org"):
        answer = await api.post("/v1/auth/sessions", {"email": email, "password": "wrong one 12"})
        assert_error(answer, 401, "sign_in_failed")
        texts.add(answer.json()["error"]["message"])
    assert len(texts) == 1


async def test_ten_failures_close_the_account_and_say_until_when(
    app: Litestar, world: World
) -> None:
    body = {"email": world.viewer.email, "password": "wrong one 12"}
    answers = [await Api(app, ip=f"10.2.0.{n}").post("/v1/auth/sessions", body) for n in range(10)]
    assert {answer.status_code for answer in answers} == {401}
    right = {"email": world.viewer.email, "password": PASSWORD}
    refused = await Api(app, ip="10.2.0.99").post("/v1/auth/sessions", right)
    details = assert_error(refused, 429, "too_many_attempts")
    assert details["retry_at"].endswith("Z")
    assert 0 < int(refused.headers["retry-after"]) <= 901


async def test_parallel_guesses_get_ten_tries_not_more(app: Litestar, world: World) -> None:
    body = {"email": world.editor.email, "password": "wrong one 12"}
    answers = await asyncio.gather(
        *(Api(app, ip=f"10.3.0.{n}").post("/v1/auth/sessions", body) for n in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 10


async def test_sign_ins_that_succeed_are_not_counted(app: Litestar, world: World) -> None:
    api = Api(app, ip="10.4.0.1")
    body = {"email": world.admin.email, "password": PASSWORD}
    for _ in range(12):
        assert (await api.post("/v1/auth/sessions", body)).status_code == 201


async def _signed_in(api: Api, email: str, password: str = PASSWORD) -> dict[str, Any]:
    body = {"email": email, "password": password, "keep": "body"}
    answer = await api.post("/v1/auth/sessions", body)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def _sign_in_status(api: Api, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return (await api.post("/v1/auth/sessions", body)).status_code


async def _link(runtime: Runtime, world: World) -> str:
    async with runtime.database.transaction(Scope.of_agency(world.agency.id)) as tx:
        return await service.create_link(tx, runtime, world.owner.id, "sign_in")


async def test_a_link_works_once(api: Api, runtime: Runtime, world: World) -> None:
    body = {"secret": await _link(runtime, world), "keep": "body"}
    answers = await asyncio.gather(*(api.post("/v1/auth/links:exchange", body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]
    assert_error(await api.post("/v1/auth/links:exchange", body), 401, "link_expired")


async def test_a_link_ends_after_a_quarter_of_an_hour(
    api: Api, runtime: Runtime, world: World, clock: MovableClock
) -> None:
    secret = await _link(runtime, world)
    clock.advance(minutes=16)
    answer = await api.post("/v1/auth/links:exchange", {"secret": secret})
    assert_error(answer, 401, "link_expired")


async def _session(api: Api, world: World) -> dict[str, str]:
    answer = await api.post(
        "/v1/auth/sessions", {"email": world.owner.email, "password": PASSWORD, "keep": "body"}
    )
    session: dict[str, str] = answer.json()
    return session


async def _refresh(api: Api, token: str) -> tuple[int, dict[str, str]]:
    answer = await api.post("/v1/auth/refresh", {"refresh_token": token})
    return answer.status_code, answer.json()


async def test_parallel_refreshes_get_the_same_successor(api: Api, world: World) -> None:
    token = (await _session(api, world))["refresh_token"]
    answers = await asyncio.gather(*(_refresh(api, token) for _ in range(8)))
    assert {status for status, _ in answers} == {200}
    successors = {body["refresh_token"] for _, body in answers}
    assert len(successors) == 1
    assert (await _refresh(api, successors.pop()))[0] == 200


async def test_late_reuse_ends_the_session_everywhere(
    app: Litestar, api: Api, world: World, clock: MovableClock
) -> None:
    first = await _session(api, world)
    _, second = await _refresh(api, first["refresh_token"])
    assert (await Api(app, second["access_token"]).get("/v1/me")).status_code == 200
    clock.advance(seconds=11)
    assert (await _refresh(api, first["refresh_token"]))[0] == 401
    assert (await _refresh(api, second["refresh_token"]))[0] == 401
    assert_error(await Api(app, second["access_token"]).get("/v1/me"), 401, "session_ended")


async def test_reuse_of_a_grandparent_ends_the_session_at_once(api: Api, world: World) -> None:
    first = await _session(api, world)
    _, second = await _refresh(api, first["refresh_token"])
    _, third = await _refresh(api, second["refresh_token"])
    assert (await _refresh(api, first["refresh_token"]))[0] == 401
    assert (await _refresh(api, third["refresh_token"]))[0] == 401


async def test_a_session_slides_for_a_week_and_ends_after_a_month(
    api: Api, world: World, clock: MovableClock
) -> None:
    token = (await _session(api, world))["refresh_token"]
    for _ in range(4):
        clock.advance(days=6)
        status, body = await _refresh(api, token)
        assert status == 200
        token = body["refresh_token"]
    clock.advance(days=6, hours=1)
    assert (await _refresh(api, token))[0] == 401


async def test_an_idle_session_ends_after_a_week(
    api: Api, world: World, clock: MovableClock
) -> None:
    token = (await _session(api, world))["refresh_token"]
    clock.advance(days=7, minutes=1)
    assert (await _refresh(api, token))[0] == 401


async def test_the_cookie_alone_does_not_refresh(api: Api, world: World) -> None:
    token = (await _session(api, world))["refresh_token"]
    cookie = {"cookie": f"palabre_refresh={token}"}
    bare = await api.post("/v1/auth/refresh", {}, headers=cookie)
    assert_error(bare, 401, "session_ended")
    form = await api.call(
        "POST", "/v1/auth/refresh", content=b"{}", headers={**cookie, "content-type": "text/plain"}
    )
    assert_error(form, 415, "unsupported_body")
    ours = await api.post("/v1/auth/refresh", {}, headers={**cookie, "x-palabre": "1"})
    assert ours.status_code == 200
    assert "palabre_refresh=" in ours.headers["set-cookie"]


async def test_refresh_into_another_agency_needs_a_membership(
    api: Api, runtime: Runtime, world: World
) -> None:
    other = await make_agency(runtime, "Second")
    token = (await _session(api, world))["refresh_token"]
    body = {"refresh_token": token, "agency_id": str(other.id)}
    assert_error(await api.post("/v1/auth/refresh", body), 401, "session_ended")
    async with runtime.database.transaction(Scope.of_agency(other.id)) as tx:
        await service.add_member(tx, world.owner.id, "owner")
    runtime_api = await _session(api, world)
    body = {"refresh_token": runtime_api["refresh_token"], "agency_id": str(other.id)}
    api.app.state.access.clear()
    answer = await api.post("/v1/auth/refresh", body)
    assert answer.json()["user"]["agency"]["name"] == "Second"
    assert len(answer.json()["user"]["agencies"]) == 2


async def test_sign_out_ends_access_at_once_on_every_process(
    app: Litestar, api: Api, world: World
) -> None:
    session = await _session(api, world)
    signed_in = Api(app, session["access_token"])
    assert (await signed_in.get("/v1/me")).status_code == 200
    assert (await signed_in.delete("/v1/auth/sessions/current")).status_code == 204
    assert_error(await signed_in.get("/v1/me"), 401, "session_ended")
    assert (await _refresh(api, session["refresh_token"]))[0] == 401


async def test_an_access_token_ends_after_a_quarter_of_an_hour(
    app: Litestar, runtime: Runtime, world: World, clock: MovableClock
) -> None:
    signed_in = Api(app, await sign_in(runtime, world.owner))
    assert (await signed_in.get("/v1/me")).status_code == 200
    clock.advance(minutes=15, seconds=1)
    assert_error(await signed_in.get("/v1/me"), 401, "not_signed_in")


@pytest.mark.parametrize(
    "header", ["", "Basic YTpi", "Bearer", "Bearer x.y.z", "Bearer " + "a" * 99]
)
async def test_other_credentials_are_refused(api: Api, header: str) -> None:
    answer = await api.get("/v1/me", headers={"authorization": header})
    assert_error(answer, 401, "not_signed_in")


async def test_me_can_be_read_and_changed(api: Api, world: World) -> None:
    assert_error(await api.get("/v1/me"), 401, "not_signed_in")
    assert_error(await api.patch("/v1/me", {"name": "X"}), 401, "not_signed_in")
    signed_in = await api.as_(world.viewer)
    changed = await signed_in.patch("/v1/me", {"name": "Aïda", "locale": "fr"})
    assert (changed.json()["name"], changed.json()["locale"]) == ("Aïda", "fr")
    assert (await signed_in.get("/v1/me")).json() == changed.json()
    for body, field in (
        ({"name": ""}, "name"),
        ({"locale": "xx"}, "locale"),
        ({"email": "a"}, "email"),
    ):
        assert_error(await signed_in.patch("/v1/me", body), 422, "invalid", field=field)
    french = await signed_in.get("/v1/clients/0")
    assert french.json()["error"]["message"].startswith("This")
    missing = await signed_in.get(f"/v1/clients/{world.neighbour_id}")
    assert missing.json()["error"]["message"].startswith("Cela n’existe pas")


async def test_me_lists_the_clients_one_may_see(api: Api, runtime: Runtime, world: World) -> None:
    await make_client(runtime, world.agency, "Third")
    owner = (await (await api.as_(world.owner)).get("/v1/me")).json()
    assert len(owner["clients"]) == 3
    assert {client["role"] for client in owner["clients"]} == {"owner"}
    viewer = (await (await api.as_(world.viewer)).get("/v1/me")).json()
    assert [client["role"] for client in viewer["clients"]] == ["viewer"]
    assert viewer["agency"]["name"] == world.agency.name
