"""White-label over the API: who may give what, what is in force, logos and domains."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select

from palabre.audit.tables import audit_entries
from palabre.db.scope import Scope
from palabre.domains.branding import service
from palabre.domains.branding.service import Owner
from palabre.domains.runtime import Runtime
from palabre.net.client import Egress
from palabre.net.hosts import HostTable
from tests.core.net.support import Listener, answering, listening
from tests.support.api import Api, World, assert_error, check_doors, make_person

YELLOW = {"colour": "#FFD400", "sender_name": "Baobab"}


def drawn(form: str = "PNG", size: tuple[int, int] = (60, 28), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **more)
    return out.getvalue()


def part(body: bytes, name: str = "logo.png") -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, body, "image/png")}


async def entries(runtime: Runtime, world: World, *, agency: bool) -> list[str]:
    """Return the actions of the agency's own chain, or of the client's, oldest first."""
    wanted = (
        audit_entries.c.client_id.is_(None) if agency else audit_entries.c.client_id.is_not(None)
    )
    async with runtime.database.transaction(Scope.of_agency(world.agency.id)) as tx:
        rows = await tx.all(
            select(audit_entries.c.action).where(wanted).order_by(audit_entries.c.n)
        )
    return [row.action for row in rows]


async def test_the_agency_gives_a_colour_and_hears_what_it_becomes(
    api: Api, world: World, runtime: Runtime
) -> None:
    owner = await api.as_(world.owner)
    untouched = (await owner.get("/v1/branding")).json()
    assert untouched["colour"] is None
    assert untouched["effective"]["roles"] is None
    assert untouched["effective"]["name"] == world.agency.name

    answer = await owner.put("/v1/branding", YELLOW)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["colour"], body["sender_name"]) == ("#FFD400", "Baobab")
    assert body["effective"]["roles"]["light"]["accent"] == "#A58800"
    assert body["effective"]["colour_from"] == "agency"
    assert [note["code"] for note in body["notes"]] == [
        "brand.kept",
        "brand.fixed",
        "brand.fixed_links",
    ]
    assert body["notes"][1]["message"] == (
        "Your colour #FFD400 becomes #A58800 on buttons so that everybody can read them."
    )
    french = await owner.get("/v1/branding", headers={"accept-language": "fr"})
    assert {note["code"] for note in french.json()["notes"]} >= {"brand.fixed"}
    assert await entries(runtime, world, agency=True) == ["branding.edit"]


async def test_only_admins_of_the_agency_change_its_branding(api: Api, world: World) -> None:
    assert_error(await api.get("/v1/branding"), 401, "not_signed_in")
    assert_error(await api.put("/v1/branding", YELLOW), 401, "not_signed_in")
    for person in (world.viewer, world.admin):  # of one client only
        member = await api.as_(person)
        assert (await member.get("/v1/branding")).status_code == 200
        assert_error(await member.put("/v1/branding", YELLOW), 403, "role_too_low")
        logo = await member.call("POST", "/v1/branding/logo", files=part(drawn()))
        assert_error(logo, 403, "role_too_low")
        assert_error(await member.delete("/v1/branding/logo"), 403, "role_too_low")
        assert_error(await member.get("/v1/domains"), 403, "role_too_low")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"colour": "#FFF"}, "colour"),
        ({"colour": "#FFD400;}*{x:y"}, "colour"),
        ({"sender_name": "Bank <boss@bank.example>"}, "sender_name"),
        ({"sender_name": "Baobab\r\nBcc: x"}, "sender_name"),
        ({"sender_name": "  "}, "sender_name"),
        ({"sender_name": "x" * 81}, "sender_name"),
    ],
)
async def test_what_is_no_colour_or_no_name_is_refused(
    api: Api, world: World, change: dict[str, str], field: str
) -> None:
    owner, admin = await api.as_(world.owner), await api.as_(world.admin)

    assert_error(await owner.put("/v1/branding", change), 422, "invalid", field=field)
    assert_error(await admin.put(f"{world.path}/branding", change), 422, "invalid", field=field)
    assert (await owner.get("/v1/branding")).json()["updated_at"] is None


async def test_a_client_overrides_field_by_field(api: Api, world: World, runtime: Runtime) -> None:
    await check_doors(api, world, "GET", "/branding")
    await check_doors(api, world, "PUT", "/branding", refused="editor", json=YELLOW)
    owner, admin = await api.as_(world.owner), await api.as_(world.admin)
    await owner.put("/v1/branding", YELLOW)
    before = await entries(runtime, world, agency=False)

    answer = await admin.put(f"{world.path}/branding", {"colour": "#0b6576"})

    effective = answer.json()["effective"]
    assert effective["roles"]["brand"] == "#0B6576"
    assert (effective["colour_from"], effective["sender_name_from"]) == ("client", "agency")
    assert effective["sender_name"] == "Baobab"
    assert effective["name"] == "Teranga Foods"
    assert await entries(runtime, world, agency=False) == [*before, "client_branding.edit"]
    agency = (await owner.get("/v1/branding")).json()
    assert agency["effective"]["roles"]["brand"] == "#FFD400"
    again = await admin.put(f"{world.path}/branding", {})
    assert again.json()["effective"]["colour_from"] == "agency"
    owner_of_client = Owner(agency_id=world.agency.id, client_id=world.client_id)
    assert await service.sender_name(runtime, owner_of_client) == "Baobab"
    await owner.put("/v1/branding", {})
    assert await service.sender_name(runtime, owner_of_client) == world.agency.name


async def test_a_logo_is_drawn_anew_and_served_to_everybody(
    api: Api, world: World, runtime: Runtime
) -> None:
    await check_doors(api, world, "POST", "/branding/logo", refused="editor", files=part(drawn()))
    await check_doors(api, world, "DELETE", "/branding/logo", refused="editor")
    owner = await api.as_(world.owner)
    secret = PngImagePlugin.PngInfo()
    secret.add_text("Comment", "canary-place")
    body = drawn(pnginfo=secret) + b"<script>canary</script>"

    answer = await owner.call("POST", "/v1/branding/logo", files=part(body))

    assert answer.status_code == 200, answer.text
    address = answer.json()["logo_url"]
    served = await api.get(urlsplit(address).path)
    assert served.status_code == 200
    assert b"canary" not in served.content
    assert Image.open(io.BytesIO(served.content)).size == (60, 28)
    assert served.headers["content-type"] == "image/png"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    assert "immutable" in served.headers["cache-control"]
    path, etag = urlsplit(address).path, served.headers["etag"]
    assert (await api.get(path, headers={"if-none-match": etag})).status_code == 304
    altered = path[:-3] + ("AAA" if not path.endswith("AAA") else "BBB")
    assert_error(await api.get(altered), 404, "not_found")
    assert_error(await api.get("/content/logos/x"), 404, "not_found")

    client_sees = await (await api.as_(world.viewer)).get(f"{world.path}/branding")
    assert client_sees.json()["effective"]["logo_url"] == address
    assert client_sees.json()["effective"]["logo_from"] == "agency"
    assert (await owner.delete("/v1/branding/logo")).status_code == 204
    assert (await owner.delete("/v1/branding/logo")).status_code == 204
    assert_error(await api.get(path), 404, "not_found")
    assert await entries(runtime, world, agency=True) == ["branding.edit"] * 2


async def test_the_clients_logo_stands_over_the_agencys(api: Api, world: World) -> None:
    owner, admin = await api.as_(world.owner), await api.as_(world.admin)
    agencys = (await owner.call("POST", "/v1/branding/logo", files=part(drawn()))).json()
    path = f"{world.path}/branding/logo"
    mine = await admin.call("POST", path, files=part(drawn("WEBP"), "logo.webp"))

    assert mine.json()["effective"]["logo_from"] == "client"
    served = await api.get(urlsplit(mine.json()["effective"]["logo_url"]).path)
    assert served.headers["content-type"] == "image/webp"
    assert (await admin.delete(path)).status_code == 204
    now = (await admin.get(f"{world.path}/branding")).json()
    assert now["effective"]["logo_url"] == agencys["logo_url"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
        (b"<html><script>alert(1)</script>", 422),
        (drawn("GIF"), 422),
        (drawn(size=(2001, 10)), 422),
        (drawn()[:40], 422),
        (b"", 422),
        (b"\x00" * (1024 * 1024 + 1), 413),
    ],
    ids=["svg", "html", "gif", "wide", "cut off", "empty", "large"],
)
async def test_what_is_no_logo_is_refused(api: Api, world: World, body: bytes, status: int) -> None:
    admin = await api.as_(world.admin)

    answer = await admin.call("POST", f"{world.path}/branding/logo", files=part(body))

    assert answer.status_code == status, answer.text
    if status == 422:
        assert_error(answer, 422, "invalid", field="file")
    assert (await admin.get(f"{world.path}/branding")).json()["logo_url"] is None


@asynccontextmanager
async def site(runtime: Runtime, host: str, body: bytes, status: str) -> AsyncIterator[Listener]:
    """Let ``host`` be a web site that answers everything with ``body``."""
    async with listening(answering(status, body)) as listener:
        before = runtime.egress
        runtime.egress = Egress(HostTable.parse(f"{host}=http://127.0.0.1:{listener.port}"))
        yield listener
        await runtime.egress.aclose()
        runtime.egress = before


async def add_domain(api: Api, path: str, host: str) -> dict[str, Any]:
    answer = await api.post(path, {"host": host})
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


async def test_a_proven_domain_shows_the_agencys_branding(
    api: Api, world: World, runtime: Runtime
) -> None:
    owner = await api.as_(world.owner)
    await owner.put("/v1/branding", YELLOW)
    host = f"{world.agency.id.hex}.example"
    domain = await add_domain(owner, "/v1/domains", f"{host.upper()}.")
    assert (domain["host"], domain["state"]) == (host, "waiting")
    assert domain["proof_url"] == f"https://{host}/.well-known/palabre-domain"
    shown = (await api.get("/v1/public/branding", params={"host": host})).json()
    assert shown == {"name": "Palabre", "logo_url": None, "roles": None}
    path = f"/v1/domains/{domain['id']}"

    token = domain["token"].encode()
    async with site(runtime, host, b"\n" + token + b"\n", "200 OK") as listener:
        answer = await owner.post(f"{path}/verify")
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "verified"
    assert listener.requests[0].startswith(b"GET /.well-known/palabre-domain HTTP/1.1")
    again = await owner.post(f"{path}/verify")  # no site stands there any more: not asked again
    assert again.json()["state"] == "verified"

    public = await api.get("/v1/public/branding", params={"host": f"{host}:443"})
    assert public.json()["name"] == world.agency.name
    assert public.json()["roles"]["light"]["accent"] == "#A58800"
    assert public.headers["cache-control"] == "public, max-age=60"
    assert set(public.json()) == {"name", "logo_url", "roles"}

    listed = (await owner.get("/v1/domains")).json()["items"]
    assert [item["host"] for item in listed] == [host]
    assert (await owner.delete(path)).status_code == 204
    assert_error(await owner.delete(path), 404, "not_found")
    shown = (await api.get("/v1/public/branding", params={"host": host})).json()
    assert shown["name"] == "Palabre"
    wanted = ["branding.edit", "domains.edit", "domains.edit", "domains.edit"]
    assert await entries(runtime, world, agency=True) == wanted


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"another text", "200 OK", "domain_other_text"),
        (b"", "404 Not Found", "domain_no_file"),
        (b"", "302 Found\r\nLocation: https://elsewhere.example/", "domain_no_file"),
        (b"x" * 5000, "200 OK", "domain_unreachable"),
    ],
)
async def test_a_domain_without_the_token_stays_waiting(
    api: Api, world: World, runtime: Runtime, body: bytes, status: str, code: str
) -> None:
    admin = await api.as_(world.admin)
    domain = await add_domain(admin, f"{world.path}/domains", "app.teranga.example")
    before = await entries(runtime, world, agency=False)

    async with site(runtime, "app.teranga.example", body, status):
        answer = await admin.post(f"{world.path}/domains/{domain['id']}/verify")

    assert_error(answer, 409, code)
    assert "app.teranga.example" in answer.json()["error"]["message"]
    listed = (await admin.get(f"{world.path}/domains")).json()["items"]
    assert [item["state"] for item in listed] == ["waiting"]
    assert await entries(runtime, world, agency=False) == before


async def test_a_client_has_domains_of_its_own(api: Api, world: World, runtime: Runtime) -> None:
    admin = await api.as_(world.admin)
    host = f"{world.client_id.hex}.example"
    await check_doors(api, world, "GET", "/domains", refused="editor")
    await check_doors(api, world, "POST", "/domains", refused="editor", json={"host": host})
    domain = await add_domain(admin, f"{world.path}/domains", host)
    path = f"/domains/{domain['id']}"
    await check_doors(api, world, "POST", f"{path}/verify", refused="editor")
    await check_doors(api, world, "DELETE", path, refused="editor")
    owner = await api.as_(world.owner)
    assert (await owner.get("/v1/domains")).json()["items"] == []
    assert_error(await owner.delete(f"/v1{path}"), 404, "not_found")
    async with site(runtime, host, domain["token"].encode(), "200 OK"):
        assert (await admin.post(f"{world.path}{path}/verify")).status_code == 200

    shown = (await api.get("/v1/public/branding", params={"host": host})).json()

    assert shown["name"] == "Teranga Foods"
    assert (await admin.delete(world.path + path)).status_code == 204


async def test_nobody_takes_a_host_by_waiting_for_it(
    api: Api, world: World, runtime: Runtime
) -> None:
    host = f"{world.agency.id.hex}.example"
    stranger, owner = await api.as_(world.stranger), await api.as_(world.owner)
    squatted = await add_domain(stranger, "/v1/domains", host)
    domain = await add_domain(owner, "/v1/domains", host)
    async with site(runtime, host, domain["token"].encode(), "200 OK"):
        refused = await stranger.post(f"/v1/domains/{squatted['id']}/verify")
        assert_error(refused, 409, "domain_other_text")
        assert (await owner.post(f"/v1/domains/{domain['id']}/verify")).status_code == 200
    async with site(runtime, host, squatted["token"].encode(), "200 OK"):
        late = await stranger.post(f"/v1/domains/{squatted['id']}/verify")

    assert_error(late, 409, "domain_taken")
    shown = (await api.get("/v1/public/branding", params={"host": host})).json()
    assert shown["name"] == world.agency.name


@pytest.mark.parametrize(
    "host",
    [
        "palabre.test",
        "localhost",
        "intranet",
        "127.0.0.1",
        "[::1]",
        "0x7f.1",
        "https://app.example",
        "app.example/path",
        "app.example:8443",
        "*.example",
        "user@app.example",
        "a b.example",
        "app.localhost",
    ],
)
async def test_what_is_no_domain_of_theirs_is_refused(api: Api, world: World, host: str) -> None:
    admin = await api.as_(world.admin)

    answer = await admin.post(f"{world.path}/domains", {"host": host})

    assert_error(answer, 422, "invalid", field="host")


async def test_a_host_is_kept_in_ascii(api: Api, world: World) -> None:
    admin = await api.as_(world.admin)

    domain = await add_domain(admin, f"{world.path}/domains", "Café.Example")

    assert domain["host"] == "xn--caf-dma.example"


async def test_a_host_is_listed_once(api: Api, world: World) -> None:
    admin = await api.as_(world.admin)
    await add_domain(admin, f"{world.path}/domains", "app.teranga.example")

    answer = await admin.post(f"{world.path}/domains", {"host": "APP.teranga.example."})

    assert_error(answer, 422, "invalid", field="host")


@pytest.mark.parametrize(
    "host", ["", "nobody.example", "palabre.test", "[::1]:80", "]", "a b", "1"]
)
async def test_unknown_hosts_show_ours(api: Api, host: str) -> None:
    answer = await api.get("/v1/public/branding", params={"host": host})

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"name": "Palabre", "logo_url": None, "roles": None}


async def test_an_address_inside_our_network_is_not_called(
    api: Api, world: World, runtime: Runtime
) -> None:
    """A name that leads to a private address is refused by the door, before anything is sent."""

    async def inside(_host: str, _port: int) -> list[Any]:
        return [ip_address("10.0.0.7")]

    admin = await api.as_(world.admin)
    domain = await add_domain(admin, f"{world.path}/domains", "trap.example")
    before, runtime.egress = runtime.egress, Egress(HostTable({}), resolve=inside)

    answer = await admin.post(f"{world.path}/domains/{domain['id']}/verify")

    await runtime.egress.aclose()
    runtime.egress = before
    assert_error(answer, 409, "domain_unreachable")


async def test_an_admin_of_the_agency_may_change_both(
    api: Api, world: World, runtime: Runtime
) -> None:
    admin = await api.as_(await make_person(runtime, world.agency, "admin"))

    assert (await admin.put("/v1/branding", YELLOW)).status_code == 200
    assert (await admin.put(f"{world.path}/branding", YELLOW)).status_code == 200
