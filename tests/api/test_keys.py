"""API keys over HTTP: made, shown once, limited to client, rights and addresses, revoked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import text

from palabre.base.clock import MovableClock
from palabre.base.errors import NotSignedIn
from palabre.base.ids import new_id
from palabre.domains.keys.access import Keys
from palabre.domains.keys.text import PATTERN, Written, spell
from palabre.domains.runtime import Runtime
from tests.support.api import (
    Api,
    World,
    assert_error,
    check_doors,
    make_client,
    scope_of,
)

SITE = "https://www.teranga.example"


async def _made(api: Api, world: World, **more: Any) -> dict[str, Any]:
    body = {"name": "CRM", "scopes": ["pieces.read", "pieces.edit"], **more}
    answer = await api.post(f"{world.path}/api-keys", body)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_doors(api: Api, world: World) -> None:
    body = {"name": "CRM", "scopes": ["pieces.read"]}
    await check_doors(api, world, "GET", "/api-keys", refused="editor")
    await check_doors(api, world, "POST", "/api-keys", refused="editor", json=body)
    await check_doors(api, world, "GET", f"/api-keys/{new_id()}", refused="editor")
    await check_doors(api, world, "DELETE", f"/api-keys/{new_id()}", refused="editor")


async def test_a_key_is_shown_once_and_only_its_hash_is_stored(
    api: Api, runtime: Runtime, world: World
) -> None:
    admin = await api.as_(world.admin)
    headers = {"Idempotency-Key": new_id().hex}
    body = {"name": "CRM", "scopes": ["pieces.read"]}
    made = (await admin.post(f"{world.path}/api-keys", body, headers=headers)).json()
    secret = made["secret"]
    assert re.fullmatch(PATTERN, secret)
    again = (await admin.post(f"{world.path}/api-keys", body, headers=headers)).json()
    assert again == {"key": made["key"], "secret": None}
    listed = (await admin.get(f"{world.path}/api-keys")).json()["items"]
    assert listed == [made["key"]]
    assert listed[0]["prefix"] == secret[: len("pal_live_") + 12]
    assert listed[0]["created_by"] == world.admin.name
    async with runtime.database.transaction(await scope_of(world)) as tx:
        for table in ("api_keys", "idempotency_keys", "audit_entries"):
            rows = str(await tx.all(text(f"SELECT * FROM {table}")))  # our names
            assert secret.split("_")[3] not in rows, table


async def test_a_key_acts_on_its_client_within_its_rights(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    admin = await api.as_(world.admin)
    made = await _made(admin, world)
    key = Api(app, made["secret"])
    created = await key.post(f"{world.path}/pieces", {"text": "Bonjour"})
    assert created.status_code == 201
    assert created.headers["ratelimit-limit"] == "100"
    assert created.headers["ratelimit-remaining"] == "99"
    assert (await key.get(f"{world.path}/pieces")).json()["items"][0]["text"] == "Bonjour"
    assert_error(await key.get(f"{world.path}/accounts"), 403, "key_scope_missing")
    assert_error(await key.get(f"{world.path}/api-keys"), 403, "key_not_allowed")
    assert_error(await key.get("/v1/clients"), 403, "key_not_allowed")
    assert_error(await key.get("/v1/me"), 403, "key_not_allowed")
    elsewhere = f"/v1/clients/{world.neighbour_id}/pieces"
    assert_error(await key.get(elsewhere), 404, "not_found")
    audit = (await admin.get(f"{world.path}/audit")).json()["items"]
    assert audit[0]["actor"] == {"kind": "key", "id": made["key"]["id"], "name": "CRM"}


async def test_what_is_not_a_key_is_refused(app: Litestar, api: Api, world: World) -> None:
    secret = (await _made(await api.as_(world.admin), world))["secret"]
    kid, proof = secret.split("_")[2:4]
    wrong = Written(kind="secret", kid=kid, secret=proof[::-1])
    unknown = Written(kind="secret", kid="A" * 12, secret=proof)
    for text_ in (secret[:-1], secret + "x", spell(wrong), spell(unknown), "pal_live_x", "pal_"):
        answer = await Api(app, text_, ip="10.8.0.1").get(f"{world.path}/pieces")
        assert_error(answer, 401, "key_not_accepted")


async def test_a_revoked_key_ends_at_once_and_elsewhere_within_the_ceiling(
    app: Litestar, api: Api, runtime: Runtime, world: World, clock: MovableClock
) -> None:
    admin = await api.as_(world.admin)
    made = await _made(admin, world)
    key, elapsed = Api(app, made["secret"]), [0.0]
    deaf = Keys(runtime.database, runtime.settings.signing_key, monotonic=lambda: elapsed[0])
    assert (await deaf.secret(made["secret"], "10.0.0.1", clock.now())).name == "CRM"
    path = f"{world.path}/api-keys/{made['key']['id']}"
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.delete(path)).status_code == 204
    assert_error(await key.get(f"{world.path}/pieces"), 401, "key_not_accepted")
    elapsed[0] = 30.0
    with pytest.raises(NotSignedIn):
        await deaf.secret(made["secret"], "10.0.0.1", clock.now())
    assert (await admin.get(path)).json()["state"] == "revoked"


async def test_a_key_ends_when_it_was_said_to(
    app: Litestar, api: Api, world: World, clock: MovableClock
) -> None:
    admin = await api.as_(world.admin)
    clock_end = clock.now().replace(microsecond=0)
    past = {"name": "CRM", "scopes": ["pieces.read"], "expires_at": clock_end.isoformat()}
    answer = await admin.post(f"{world.path}/api-keys", past)
    assert_error(answer, 422, "invalid", field="expires_at")
    end = (clock_end + timedelta(minutes=5)).isoformat()
    key = Api(app, (await _made(admin, world, expires_at=end))["secret"])
    assert (await key.get(f"{world.path}/pieces")).status_code == 200
    clock.advance(minutes=6)
    assert_error(await key.get(f"{world.path}/pieces"), 401, "key_not_accepted")


async def test_a_key_works_from_its_addresses_only(app: Litestar, api: Api, world: World) -> None:
    admin = await api.as_(world.admin)
    made = await _made(admin, world, addresses=["10.7.0.0/24", "2001:db8::1"])
    path = f"{world.path}/pieces"
    assert (await Api(app, made["secret"], ip="10.7.0.9").get(path)).status_code == 200
    assert (await Api(app, made["secret"], ip="2001:db8::1").get(path)).status_code == 200
    for ip in ("10.7.1.9", "2001:db8::2"):
        assert_error(await Api(app, made["secret"], ip=ip).get(path), 403, "key_address")


async def test_two_keys_of_a_name_for_rotation_not_three(api: Api, world: World) -> None:
    admin = await api.as_(world.admin)
    first = await _made(admin, world)
    await _made(admin, world, name=" CRM ")
    body = {"name": "CRM", "scopes": ["pieces.read"]}
    refused = await admin.post(f"{world.path}/api-keys", body)
    assert_error(refused, 409, "key_name_taken")
    await admin.delete(f"{world.path}/api-keys/{first['key']['id']}")
    await _made(admin, world)


async def test_last_use_is_written_once_a_minute(
    app: Litestar, api: Api, world: World, clock: MovableClock
) -> None:
    admin = await api.as_(world.admin)
    made = await _made(admin, world)
    key, path = Api(app, made["secret"], ip="10.7.0.4"), f"{world.path}/api-keys"

    async def last() -> tuple[str, str]:
        found = (await admin.get(path)).json()["items"][0]
        return found["last_used_at"], found["last_used_ip"]

    await key.get(f"{world.path}/pieces")
    first = await last()
    assert first[1] == "10.7.0.4"
    clock.advance(seconds=50)
    await key.get(f"{world.path}/pieces")
    assert await last() == first
    clock.advance(seconds=11)
    await key.get(f"{world.path}/pieces")
    assert (await last())[0] > first[0]


async def test_the_hundred_and_first_call_waits(
    app: Litestar, api: Api, runtime: Runtime, world: World
) -> None:
    admin = await api.as_(world.admin)
    keys = [Api(app, (await _made(admin, world))["secret"]) for _ in range(2)]
    answers = [await keys[n % 2].get(f"{world.path}/pieces") for n in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    refused = await keys[0].get(f"{world.path}/pieces")
    assert_error(refused, 429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 10
    assert refused.headers["ratelimit-remaining"] == "0"
    assert (await admin.get(f"{world.path}/pieces")).status_code == 200


async def test_what_a_key_cannot_be(api: Api, world: World) -> None:
    admin = await api.as_(world.admin)
    for body, field in (
        ({"scopes": []}, "scopes"),
        ({"scopes": ["keys.edit"]}, "scopes"),
        ({"scopes": ["nothing"]}, "scopes"),
        ({"origins": [SITE]}, "origins"),
        ({"addresses": ["10.0.0.0/33"]}, "addresses"),
        ({"name": " "}, "name"),
        ({"kind": "other"}, "kind"),
        ({"secret": "mine"}, "secret"),
        ({"kind": "publishable", "scopes": [], "origins": []}, "origins"),
        ({"kind": "publishable", "origins": [SITE]}, "scopes"),
        ({"kind": "publishable", "scopes": [], "origins": [f"{SITE}/"]}, "origins"),
        ({"kind": "publishable", "scopes": [], "origins": ["*"]}, "origins"),
        ({"kind": "publishable", "scopes": [], "origins": ["null"]}, "origins"),
    ):
        answer = await admin.post(
            f"{world.path}/api-keys", {"name": "CRM", "scopes": ["pieces.read"], **body}
        )
        assert_error(answer, 422, "invalid", field=field)


async def test_a_publishable_key_is_read_by_its_own_sites_only(
    app: Litestar, api: Api, world: World
) -> None:
    admin = await api.as_(world.admin)
    made = await _made(admin, world, kind="publishable", scopes=[], origins=[SITE], name="Site")
    text_ = made["secret"]
    assert made["key"]["key"] == text_
    page = Api(app, ip="10.8.1.1")

    async def ask(origin: str | None, key: str = text_) -> Any:
        headers = {"origin": origin} if origin else {}
        return await page.get("/v1/public/key", params={"key": key}, headers=headers)

    own = await ask(SITE)
    assert own.json() == {"name": "Site", "client_id": str(world.client_id), "origins": [SITE]}
    assert own.headers["access-control-allow-origin"] == SITE
    assert own.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in own.headers
    for origin in (
        "https://attacker.example",
        "https://teranga.example",
        f"{SITE}.attacker.example",
        SITE.replace("https", "http"),
        f"{SITE}:8443",
        "null",
    ):
        other = await ask(origin)
        assert_error(other, 403, "origin_not_listed")
        assert "access-control-allow-origin" not in other.headers
        assert other.headers["vary"] == "Origin"
    without = await ask(None)
    assert without.status_code == 200
    assert "access-control-allow-origin" not in without.headers
    assert_error(await ask(SITE, "pal_pub_x"), 401, "key_not_accepted")
    assert_error(await Api(app, text_).get(f"{world.path}/pieces"), 401, "key_publishable")
    secret = (await _made(admin, world))["secret"]
    assert_error(await ask(SITE, secret), 401, "key_not_accepted")


async def test_keys_of_a_neighbour_are_not_seen(api: Api, runtime: Runtime, world: World) -> None:
    owner = await api.as_(world.owner)
    made = await _made(owner, world)
    other = await make_client(runtime, world.agency, "Third")
    assert (await owner.get(f"/v1/clients/{other}/api-keys")).json()["items"] == []
    path = f"/v1/clients/{other}/api-keys/{made['key']['id']}"
    assert_error(await owner.get(path), 404, "not_found")
    assert_error(await owner.delete(path), 404, "not_found")
