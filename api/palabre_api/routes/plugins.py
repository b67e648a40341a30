"""Plugins of the installation, for the agency and for one client."""

from typing import Any
from uuid import UUID

from litestar import get, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from palabre.base.pages import Page
from palabre.domains.enabling import catalogue, service
from palabre.domains.enabling.views import AgencyPlugin, ClientPlugin, Plugin
from palabre_api.deps import GivenRuntime, GivenScope, action


class ClientPluginChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change for the client. In ``settings`` null removes a field, absent leaves it."""

    enabled: bool | None = None
    settings: dict[str, Any] | None = None


class AgencyPluginChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings for all clients of the agency; null removes a field, absent leaves it."""

    settings: dict[str, Any]


@get("/v1/plugins", operation_id="listPlugins", opt=action("plugins.list"))
async def list_plugins(runtime: GivenRuntime, caller_scope: GivenScope) -> Page[Plugin]:
    """Return every plugin found on this installation, also those that are not active."""
    return Page(items=catalogue.plugins(runtime.registry, caller_scope.locale))


@get("/v1/plugins/{key:str}", operation_id="getPlugin", opt=action("plugins.list"))
async def read_plugin(
    runtime: GivenRuntime, caller_scope: GivenScope, key: FromPath[str]
) -> Plugin:
    """Return one plugin."""
    return catalogue.plugin(runtime.registry, key, caller_scope.locale)


@get(
    "/v1/plugins/{key:str}/settings",
    operation_id="getAgencyPlugin",
    opt=action("plugins.settings"),
)
async def read_agency_plugin(
    runtime: GivenRuntime, caller_scope: GivenScope, key: FromPath[str]
) -> AgencyPlugin:
    """Return the agency's settings of a plugin; secrets never go out."""
    return await service.agency_plugin(runtime, caller_scope, key)


@put(
    "/v1/plugins/{key:str}/settings",
    operation_id="editAgencyPlugin",
    opt=action("plugins.settings"),
)
async def edit_agency_plugin(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    key: FromPath[str],
    data: JSONBody[AgencyPluginChange],
) -> AgencyPlugin:
    """Change the agency's settings of a plugin."""
    return await service.change_agency(runtime, caller_scope, key, data.settings)


@get(
    "/v1/clients/{client_id:uuid}/plugins",
    operation_id="listClientPlugins",
    opt=action("client_plugins.read"),
)
async def list_client_plugins(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001
) -> Page[ClientPlugin]:
    """Return every plugin as it stands for the client."""
    return Page(items=await service.client_plugins_of(runtime, caller_scope))


@get(
    "/v1/clients/{client_id:uuid}/plugins/{key:str}",
    operation_id="getClientPlugin",
    opt=action("client_plugins.read"),
)
async def read_client_plugin(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001
    key: FromPath[str],
) -> ClientPlugin:
    """Return one plugin as it stands for the client; secrets never go out."""
    return await service.client_plugin(runtime, caller_scope, key)


@put(
    "/v1/clients/{client_id:uuid}/plugins/{key:str}",
    operation_id="editClientPlugin",
    opt=action("client_plugins.edit"),
)
async def edit_client_plugin(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001
    key: FromPath[str],
    data: JSONBody[ClientPluginChange],
) -> ClientPlugin:
    """Turn a plugin on or off for the client, and change its settings there."""
    return await service.change(
        runtime, caller_scope, key, enabled=data.enabled, settings=data.settings
    )


handlers = [
    list_plugins,
    read_plugin,
    read_agency_plugin,
    edit_agency_plugin,
    list_client_plugins,
    read_client_plugin,
    edit_client_plugin,
]
