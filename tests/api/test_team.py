"""The team over HTTP: members, roles, invitations, and how fast access ends."""

from typing import Any

from litestar import Litestar

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.domains.identity.access import Access
from palabre.domains.identity.actions import ACTIONS
from palabre.domains.identity.tokens import Tokens
from palabre.domains.runtime import Runtime
from tests.support.api import (
    PASSWORD,
    SIGNING_KEY,
    Api,
    World,
    assert_error,
    letters,
    make_agency,
    make_person,
    sign_in,
)


def _email() -> str:
    return f"{new_id().hex}@example.org"


async def _invite(api: Api, email: str, **more: Any) -> dict[str, Any]:
    answer = await api.post("/v1/invitations", {"email": email, "agency_role": "viewer", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def _accept(app: Litestar, secret: str, **more: Any) -> Any:
    body = {"secret": secret, "keep": "body", **more}
    return await Api(app, ip=f"10.6.0.{len(secret) % 200}").post(
        "/v1/auth/invitations/accept", body
    )


async def test_members_with_their_roles(api: Api, runtime: Runtime, world: World) -> None:
    owner = await api.as_(world.owner)
    await sign_in(runtime, world.editor)
    found = {m["id"]: m for m in (await owner.get("/v1/members")).json()["items"]}
    assert set(found) == {str(p.id) for p in (world.owner, world.admin, world.editor, world.viewer)}
    editor = found[str(world.editor.id)]
    assert editor["agency_role"] is None
    assert editor["clients"] == [{"client_id": str(world.client_id), "role": "editor"}]
    assert editor["sessions"] == 1
    assert found[str(world.viewer.id)]["last_seen_at"] is None


async def test_a_changed_role_acts_at_once_and_elsewhere_within_the_ceiling(
    app: Litestar, api: Api, runtime: Runtime, world: World, clock: MovableClock
) -> None:
    owner, token = await api.as_(world.owner), await sign_in(runtime, world.editor)
    editor, elapsed = Api(app, token), [0.0]
    claims = Tokens(SIGNING_KEY).read(token, clock.now())
    deaf = Access(runtime.database, monotonic=lambda: elapsed[0])
    assert (await deaf.principal(claims, clock.now())).role_on(world.client_id) == "editor"
    assert (await editor.post(f"{world.path}/pieces", {"text": "Bonjour"})).status_code == 201
    roles = {"clients": [{"client_id": str(world.client_id), "role": "viewer"}]}
    changed = await owner.put(f"/v1/members/{world.editor.id}/roles", roles)
    assert changed.json()["clients"] == roles["clients"]
    refused = await editor.post(f"{world.path}/pieces", {"text": "Bonjour"})
    assert_error(refused, 403, "role_too_low")
    elapsed[0] = 30.0
    assert (await deaf.principal(claims, clock.now())).role_on(world.client_id) == "viewer"


async def test_who_is_removed_is_out(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    owner, editor = await api.as_(world.owner), Api(app, await sign_in(runtime, world.editor))
    assert (await editor.get("/v1/me")).status_code == 200
    path = f"/v1/members/{world.editor.id}"
    assert (await owner.delete(path)).status_code == 204
    assert_error(await editor.get("/v1/me"), 401, "session_ended")
    assert_error(await owner.delete(path), 404, "not_found")
    body = {"email": world.editor.email, "password": PASSWORD}
    assert_error(await api.post("/v1/auth/sessions", body), 401, "sign_in_failed")


async def test_the_last_owner_stays(api: Api, runtime: Runtime, world: World) -> None:
    owner, own = await api.as_(world.owner), f"/v1/members/{world.owner.id}"
    assert_error(await owner.delete(own), 409, "last_owner")
    down = {"agency_role": "admin"}
    assert_error(await owner.put(f"{own}/roles", down), 409, "last_owner")
    await make_person(runtime, world.agency, "owner")
    assert (await owner.put(f"{own}/roles", down)).status_code == 200


async def test_only_owners_make_and_unmake_owners(api: Api, runtime: Runtime, world: World) -> None:
    admin = await api.as_(await make_person(runtime, world.agency, "admin"))
    await make_person(runtime, world.agency, "owner")
    up = {"agency_role": "owner"}
    path = f"/v1/members/{world.owner.id}"
    for answer in (
        await admin.put(f"/v1/members/{world.viewer.id}/roles", up),
        await admin.put(f"{path}/roles", {"agency_role": "viewer"}),
        await admin.delete(path),
        await admin.post("/v1/invitations", {"email": _email(), **up}),
    ):
        assert assert_error(answer, 403, "role_too_low")["needed"] == "owner"


async def test_a_stranger_reaches_nobody_here(api: Api, world: World) -> None:
    stranger, path = await api.as_(world.stranger), f"/v1/members/{world.editor.id}"
    assert_error(await stranger.put(f"{path}/roles", {"agency_role": "admin"}), 404, "not_found")
    assert_error(await stranger.delete(path), 404, "not_found")
    assert_error(await stranger.delete(f"{path}/sessions"), 404, "not_found")
    mine = await _invite(await api.as_(world.owner), _email())
    assert_error(await stranger.delete(f"/v1/invitations/{mine['id']}"), 404, "not_found")
    assert_error(await stranger.post(f"/v1/invitations/{mine['id']}/resend"), 404, "not_found")
    foreign = [{"client_id": str(world.client_id), "role": "viewer"}]
    answer = await stranger.post("/v1/invitations", {"email": _email(), "clients": foreign})
    assert_error(answer, 422, "invalid", field="clients")


async def test_a_new_person_joins_by_invitation(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    owner, email = await api.as_(world.owner), _email()
    held = [{"client_id": str(world.client_id), "role": "editor"}]
    await _invite(owner, email, agency_role=None, clients=held)
    secret = (await letters(runtime, email))[0].secret
    offer = (await api.post("/v1/auth/invitations", {"secret": secret})).json()
    assert (offer["email"], offer["joins"]) == (email, False)
    assert offer["clients"] == ["Teranga Foods"]
    assert_error(await _accept(app, secret), 422, "invalid", field="password")
    weak = await _accept(app, secret, name="Fatou", password="short")
    assert_error(weak, 422, "invalid", field="password")
    joined = await _accept(app, secret, name="Fatou Sow", password=PASSWORD)
    assert joined.status_code == 201
    me = joined.json()["user"]
    assert (me["name"], me["email_verified"], me["agency_role"]) == ("Fatou Sow", True, None)
    assert [(c["id"], c["role"]) for c in me["clients"]] == [(str(world.client_id), "editor")]
    again = await _accept(app, secret, name="Fatou Sow", password=PASSWORD)
    assert_error(again, 401, "link_expired")
    assert (await owner.get("/v1/invitations")).json()["items"] == []


async def test_a_person_with_an_account_joins_with_one_click_and_no_session(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    guest = (await make_agency(runtime, "Guests")).owner
    await _invite(await api.as_(world.owner), guest.email)
    secret = (await letters(runtime, guest.email))[0].secret
    assert (await api.post("/v1/auth/invitations", {"secret": secret})).json()["joins"] is True
    joined = await _accept(app, secret)
    assert (joined.status_code, joined.json()) == (201, None)
    me = (await (await api.as_(guest)).get("/v1/me")).json()
    assert {agency["name"] for agency in me["agencies"]} == {"Guests", world.agency.name}


async def test_an_account_somebody_else_made_with_the_address_begins_anew(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    """Registering a victim's address first must not open what the victim is invited to."""
    email, trap = _email(), "the password of the thief"
    body = {"agency_name": "Trap", "name": "Thief", "email": email, "password": trap}
    await Api(app, ip="10.6.1.1").post("/v1/auth/registrations", body)
    thief = await api.post("/v1/auth/sessions", {"email": email, "password": trap, "keep": "body"})
    await _invite(await api.as_(world.owner), email)
    secret = (await letters(runtime, email))[0].secret
    joined = await _accept(app, secret, name="Fatou Sow", password=PASSWORD)
    assert joined.status_code == 201
    old = Api(app, thief.json()["access_token"])
    assert_error(await old.get("/v1/me"), 401, "session_ended")
    signed = await api.post("/v1/auth/sessions", {"email": email, "password": trap})
    assert_error(signed, 401, "sign_in_failed")


async def test_invitations_end_are_sent_again_and_withdrawn(
    app: Litestar, api: Api, runtime: Runtime, world: World, clock: MovableClock
) -> None:
    email = _email()
    made = await _invite(await api.as_(world.owner), email)
    first = (await letters(runtime, email))[0].secret
    clock.advance(days=7, seconds=1)
    owner = await api.as_(world.owner)
    newcomer = {"name": "Fatou", "password": PASSWORD}
    assert_error(await _accept(app, first, **newcomer), 401, "link_expired")
    assert (await owner.get("/v1/invitations")).json()["items"][0]["state"] == "expired"
    path = f"/v1/invitations/{made['id']}"
    assert (await owner.post(f"{path}/resend")).json()["state"] == "waiting"
    second = (await letters(runtime, email))[0].secret
    assert second != first
    assert (await owner.delete(path)).status_code == 204
    assert_error(await _accept(app, second, **newcomer), 401, "link_expired")
    assert_error(await owner.post(f"{path}/resend"), 404, "not_found")


async def test_what_an_invitation_cannot_be(api: Api, world: World) -> None:
    owner = await api.as_(world.owner)
    held = {"client_id": str(world.client_id), "role": "viewer"}
    for body, field in (
        ({"agency_role": None}, "agency_role"),
        ({"email": "nobody"}, "email"),
        ({"email": world.viewer.email.upper()}, "email"),
        ({"agency_role": "king"}, "agency_role"),
        ({"clients": [{**held, "role": "owner"}]}, "clients[0].role"),
        ({"clients": [held, held]}, "clients"),
        ({"clients": [{**held, "client_id": str(new_id())}]}, "clients"),
    ):
        wish = {"email": _email(), "agency_role": "viewer", **body}
        assert_error(await owner.post("/v1/invitations", wish), 422, "invalid", field=field)


async def test_the_table_of_roles_is_the_one_we_go_by(api: Api, world: World) -> None:
    viewer = await api.as_(world.viewer)
    told = (await viewer.get("/v1/roles")).json()["items"]
    assert {row["action"]: row["role"] for row in told} == {k: n.role for k, n in ACTIONS.items()}
