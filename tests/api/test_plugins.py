"""Plugins over HTTP: what is installed, what is on for a client, settings and their secrets."""

import pytest
from sqlalchemy import text

from palabre.base.errors import NotAllowed
from palabre.db.scope import Scope
from palabre.domains.enabling import service
from palabre.domains.enabling.levels import merged
from palabre.domains.enabling.sources import PluginSettings
from palabre.domains.runtime import Runtime
from palabre.plugins.context import Subject
from palabre.sdk import Secret
from tests.support.api import Api, World, assert_error, check_doors, scope_of

APP = {"app_id": "1234", "app_secret": "the secret of the app"}


async def test_the_installed_plugins(api: Api, world: World) -> None:
    assert_error(await api.get("/v1/plugins"), 401, "not_signed_in")
    viewer = await api.as_(world.viewer)
    items = (await viewer.get("/v1/plugins")).json()["items"]
    facebook = next(item for item in items if item["key"] == "facebook")
    assert facebook["state"] == "active"
    assert facebook["settings_schema"]["properties"]["app_secret"]["writeOnly"] is True
    assert {item["family"] for item in facebook["adapters"]} >= {"auth", "publisher"}
    assert all(not need["sentence"].startswith("scope.") for need in facebook["scopes"])
    assert (await viewer.get("/v1/plugins/facebook")).json() == facebook
    assert_error(await viewer.get("/v1/plugins/nothing"), 404, "plugin_unknown")


async def test_a_plugin_is_turned_on_for_one_client_only(api: Api, world: World) -> None:
    await check_doors(api, world, "GET", "/plugins")
    await check_doors(api, world, "GET", "/plugins/facebook")
    await check_doors(
        api, world, "PUT", "/plugins/facebook", refused="editor", json={"enabled": True}
    )
    admin = await api.as_(world.admin)
    before = (await admin.get(f"{world.path}/plugins/facebook")).json()
    assert (before["enabled"], before["configured"], before["enabled_by"]) == (False, False, None)
    assert before["missing"] == ["app_id", "app_secret"]
    after = (await admin.put(f"{world.path}/plugins/facebook", {"enabled": True})).json()
    assert after["enabled"] is True
    assert after["enabled_by"]["name"] == world.admin.name
    owner = await api.as_(world.owner)
    neighbour = await owner.get(f"/v1/clients/{world.neighbour_id}/plugins/facebook")
    assert neighbour.json()["enabled"] is False


async def test_settings_are_kept_and_secrets_never_come_back(api: Api, world: World) -> None:
    admin, path = await api.as_(world.admin), f"{world.path}/plugins/facebook"
    answer = await admin.put(path, {"settings": APP})
    assert APP["app_secret"] not in answer.text
    saved = answer.json()
    assert saved["settings"]["app_id"] == "1234"
    assert saved["settings"]["app_secret"]["set_at"].endswith("Z")
    assert (saved["configured"], saved["missing"], saved["enabled"]) == (True, [], False)
    changed = (await admin.put(path, {"settings": {"app_id": "99"}})).json()
    assert changed["settings"]["app_secret"] == saved["settings"]["app_secret"]
    removed = (await admin.put(path, {"settings": {"app_secret": None}})).json()
    assert removed["settings"]["app_secret"] is None
    assert removed["missing"] == ["app_secret"]
    listed = (await admin.get(f"{world.path}/plugins")).json()["items"]
    assert removed in listed


async def test_settings_that_cannot_be(api: Api, world: World) -> None:
    admin, path = await api.as_(world.admin), f"{world.path}/plugins/facebook"
    for settings, field in (
        ({"app_id": 5}, "settings.app_id"),
        ({"colour": "red"}, "settings.colour"),
        ({"graph_version": "newest"}, "settings.graph_version"),
        ({"app_secret": 5}, "settings.app_secret"),
    ):
        assert_error(await admin.put(path, {"settings": settings}), 422, "invalid", field=field)
    assert_error(await admin.put(path, {"on": True}), 422, "invalid", field="on")
    assert_error(
        await admin.put(f"{world.path}/plugins/nothing", {"enabled": True}), 404, "plugin_unknown"
    )
    always = await admin.put(f"{world.path}/plugins/local_media", {"enabled": False})
    assert_error(always, 409, "plugin_always_on")


async def test_the_agencys_settings_count_for_every_client(
    api: Api, runtime: Runtime, world: World
) -> None:
    path = "/v1/plugins/facebook/settings"
    assert_error(await api.put(path, {"settings": APP}), 401, "not_signed_in")
    for person in (world.admin, world.viewer):
        refused = await (await api.as_(person)).put(path, {"settings": APP})
        assert_error(refused, 403, "role_too_low")
    owner = await api.as_(world.owner)
    answer = await owner.put(path, {"settings": APP})
    assert APP["app_secret"] not in answer.text
    assert (await owner.get(path)).json() == answer.json()
    assert_error(
        await owner.put(path, {"settings": {"app_id": 1}}), 422, "invalid", field="settings.app_id"
    )
    client = (await owner.get(f"{world.path}/plugins/facebook")).json()
    assert (client["configured"], client["settings"]["app_id"]) == (True, None)
    assert client["inherited"] == ["app_id", "app_secret"]
    await owner.put(f"{world.path}/plugins/facebook", {"settings": {"app_id": "own"}})
    values = await merged(runtime, world.agency.id, world.client_id, "facebook")
    assert (values["app_id"], values["app_secret"]) == ("own", Secret(APP["app_secret"]))
    subject = Subject(agency_id=world.agency.id, client_id=world.client_id)
    decoded = await PluginSettings(runtime).settings(subject, "facebook")
    assert getattr(decoded, "app_id") == "own"  # noqa: B009  # the plugin's own type
    stranger = await (await api.as_(world.stranger)).get(path)
    assert stranger.json()["settings"]["app_id"] is None


async def test_the_database_holds_no_secret_in_the_clear(
    api: Api, runtime: Runtime, world: World
) -> None:
    admin = await api.as_(world.admin)
    await admin.put(f"{world.path}/plugins/facebook", {"settings": APP})
    async with runtime.database.control(await scope_of(world)) as tx:
        row = await tx.one(text("SELECT settings::text AS s, secrets FROM client_plugins"))
    assert "app_id" in row.s
    assert "secret" not in row.s
    assert row.secrets.startswith("v1.")


async def test_require_names_who_can_turn_the_plugin_on(
    api: Api, runtime: Runtime, world: World
) -> None:
    scope: Scope = await scope_of(world)
    with pytest.raises(NotAllowed) as refused:
        await service.require(runtime, scope, "facebook")
    assert refused.value.code == "plugin_not_enabled"
    assert set(refused.value.details["admins"]) == {world.owner.name, world.admin.name}
    assert world.admin.name in refused.value.message("en")
    admin = await api.as_(world.admin)
    await admin.put(f"{world.path}/plugins/facebook", {"enabled": True})
    await service.require(runtime, scope, "facebook")
    await admin.put(f"{world.path}/plugins/facebook", {"enabled": False})
    with pytest.raises(NotAllowed):
        await service.require(runtime, scope, "facebook")


async def test_every_change_is_in_the_audit_and_tells_plugins(
    api: Api, runtime: Runtime, world: World
) -> None:
    admin = await api.as_(world.admin)
    await admin.put(f"{world.path}/plugins/facebook", {"enabled": True, "settings": APP})
    newest = (await admin.get(f"{world.path}/audit")).json()["items"][0]
    assert newest["action"] == "client_plugins.edit"
    assert newest["actor"]["name"] == world.admin.name
    assert newest["details"] == {
        "plugin": "facebook",
        "enabled": True,
        "fields": ["app_id", "app_secret"],
    }
    async with runtime.database.transaction(await scope_of(world)) as tx:
        names = [row.name for row in await tx.all(text("SELECT name FROM events"))]
    assert names == ["plugin.enabled"]


async def test_the_settings_form_names_its_fields_in_the_reader_s_language(
    api: Api, world: World
) -> None:
    owner = await api.as_(world.owner)
    assert (await owner.patch("/v1/me", {"locale": "fr"})).status_code == 200
    schema = (await owner.get("/v1/plugins/facebook")).json()["settings_schema"]
    assert schema["properties"]["app_id"]["title"] == "Identifiant de l’application"
