"""Clients and brands over HTTP."""

from litestar import Litestar

from palabre.domains.runtime import Runtime
from tests.support.api import Api, World, assert_error, check_doors, make_agency

CLIENT = {"name": "Café Ndar & Fils", "time_zone": "Africa/Dakar", "locale": "fr"}


async def test_a_client_is_created_with_a_slug_of_its_name(api: Api, world: World) -> None:
    owner = await api.as_(world.owner)
    first = (await owner.post("/v1/clients", CLIENT)).json()
    assert (first["slug"], first["isolation"]) == ("cafe-ndar-fils", "pooled")
    assert first["created_at"].endswith("Z")
    second = (await owner.post("/v1/clients", CLIENT)).json()
    assert second["slug"] == "cafe-ndar-fils-2"
    assert (await owner.get(f"/v1/clients/{second['id']}")).json() == second
    listed = (await owner.get("/v1/clients")).json()["items"]
    assert {first["id"], second["id"]} <= {client["id"] for client in listed}


async def test_only_the_agencys_admins_create_clients(api: Api, world: World) -> None:
    assert_error(await api.post("/v1/clients", CLIENT), 401, "not_signed_in")
    assert_error(await api.get("/v1/clients"), 401, "not_signed_in")
    for person in (world.admin, world.editor, world.viewer):
        refused = await (await api.as_(person)).post("/v1/clients", CLIENT)
        assert_error(refused, 403, "role_too_low")


async def test_what_a_client_cannot_be(api: Api, world: World) -> None:
    owner = await api.as_(world.owner)
    await owner.post("/v1/clients", {**CLIENT, "slug": "taken"})
    for change, field in (
        ({"name": ""}, "name"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"locale": "de"}, "locale"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"slug": "taken"}, "slug"),
        ({"agency_id": "x"}, "agency_id"),
    ):
        refused = await owner.post("/v1/clients", {**CLIENT, **change})
        assert_error(refused, 422, "invalid", field=field)


async def test_people_see_their_own_clients_only(api: Api, world: World) -> None:
    listed = await (await api.as_(world.viewer)).get("/v1/clients")
    assert [client["id"] for client in listed.json()["items"]] == [str(world.client_id)]
    strange = await (await api.as_(world.stranger)).get("/v1/clients")
    assert strange.json()["items"] == []


async def test_reading_a_client(api: Api, world: World) -> None:
    await check_doors(api, world, "GET", "")
    answer = await (await api.as_(world.viewer)).get(world.path)
    assert answer.json()["name"] == "Teranga Foods"


async def test_changing_a_client(api: Api, world: World) -> None:
    change = {"name": "Teranga", "slug": "teranga", "colour": "#225599"}
    await check_doors(api, world, "PATCH", "", refused="editor", json=change)
    admin = await api.as_(world.admin)
    changed = await admin.patch(world.path, change)
    assert {name: changed.json()[name] for name in change} == change
    assert (await admin.get(world.path)).json() == changed.json()
    for body, field in (
        ({"slug": "ndar-cafe"}, "slug"),
        ({"slug": "-"}, "slug"),
        ({"time_zone": "UTC+1"}, "time_zone"),
        ({"colour": "blue"}, "colour"),
        ({"isolation": "silo"}, "isolation"),
    ):
        assert_error(await admin.patch(world.path, body), 422, "invalid", field=field)


async def test_brands(api: Api, world: World) -> None:
    body = {"name": "Teranga Kids", "voice": "Warm and short."}
    await check_doors(api, world, "GET", "/brands")
    await check_doors(api, world, "POST", "/brands", refused="viewer", json=body)
    editor = await api.as_(world.editor)
    made = await editor.post(f"{world.path}/brands", body)
    assert made.status_code == 201
    assert (await editor.get(f"{world.path}/brands")).json()["items"] == [made.json()]
    refused = await editor.post(f"{world.path}/brands", {"voice": "x"})
    assert_error(refused, 422, "invalid", field="name")


async def test_the_same_slug_in_two_agencies(app: Litestar, api: Api, runtime: Runtime) -> None:
    for name in ("One", "Two"):
        owner = await api.as_((await make_agency(runtime, name)).owner)
        made = await owner.post("/v1/clients", {**CLIENT, "slug": "shared"})
        assert made.json()["slug"] == "shared"
