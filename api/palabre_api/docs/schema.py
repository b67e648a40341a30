"""The OpenAPI document: Litestar's, with our errors, who may call, keys and examples added."""

import re
from functools import cache
from typing import Any, Final

import msgspec
from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from palabre.base.words import say
from palabre.domains.identity.actions import ACTIONS
from palabre_api.deps import public
from palabre_api.docs.examples import example
from palabre_api.errors import ErrorAnswer
from palabre_api.idempotency import HEADER

VERSION: Final = "1.0.0"
_ABOUT: Final = (
    "Everything the dashboard does goes through this API. Sign in with `POST /v1/auth/sessions` "
    "and send the access token as `Authorization: Bearer`. Errors have one shape; texts in it are "
    "in the language of `Accept-Language`. Lists carry `next_cursor`: send it back as `cursor`."
)
_PAGE_NAME: Final = re.compile(r"Page(OfAll)?_[\w.]*\.(\w+)_(?=\")")
_REFERENCE: Final = re.compile(r'"#/components/schemas/([^"]+)"')
_EXAMPLES: Final = {
    "application/x-ndjson": '{"format":"palabre-audit","version":1}\n{"heads":[]}\n',
}
"""Of answers that have no schema, by media type."""
_ERRORS: Final = {
    400: "not_decodable",
    401: "not_signed_in",
    403: "role_too_low",
    404: "not_found",
    409: "idempotency_in_flight",
    413: "too_large",
    415: "unsupported_body",
    422: "invalid",
    429: "too_many_attempts",
    500: "internal_error",
    503: "unavailable",
}


class _Inner(Router):
    """Litestar's own documentation routes are left out: ours stand in ``routes/docs.py``."""

    def register(self, value: ControllerRouterHandler) -> list[Any]:
        """Register nothing."""
        del value
        return []


def config() -> OpenAPIConfig:
    """Return the configuration Litestar makes its document from."""
    plugins: list[OpenAPIRenderPlugin] = []
    return OpenAPIConfig(
        title="Palabre",
        version=VERSION,
        description=_ABOUT,
        use_handler_docstrings=True,
        render_plugins=plugins,
        openapi_router=_Inner("/docs", route_handlers=[], opt=public("documentation")),
    )


def document(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the application."""
    text = msgspec.json.encode(app.openapi_schema.to_schema()).decode()
    raw: dict[str, Any] = msgspec.json.decode(_PAGE_NAME.sub(r"\2Page\1", text))
    schemas = raw.setdefault("components", {}).setdefault("schemas", {})
    _require_all(raw, schemas)
    schemas.update(_error_schemas())
    raw["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    opts = _opts(app)
    for path, item in raw["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                _complete(operation, opts[operation["operationId"]], method, path, schemas)
    return raw


def write_openapi(app: Litestar) -> bytes:
    """Return the document as indented JSON, for ``api/openapi.json``."""
    return msgspec.json.format(msgspec.json.encode(document(app)), indent=2) + b"\n"


def _require_all(raw: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say that answers carry every field, also one that a Struct has a default for.

    Only ``UnsetType`` leaves a field out; Litestar writes such a one as a choice of one type.
    """
    operations = [
        one
        for item in raw["paths"].values()
        for one in item.values()
        if isinstance(one, dict) and "operationId" in one
    ]
    sent = _reached([one["requestBody"] for one in operations if "requestBody" in one], schemas)
    for name in _reached([one["responses"] for one in operations], schemas) - sent:
        fields = schemas[name].get("properties", {})
        always = [key for key, part in fields.items() if len(part.get("oneOf", "--")) > 1]
        if always:
            schemas[name]["required"] = always


def _reached(start: Any, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that a part of the document refers to, at any depth."""
    found: set[str] = set()
    open_parts = [start]
    while open_parts:
        names = set(_REFERENCE.findall(msgspec.json.encode(open_parts.pop()).decode())) - found
        found |= names
        open_parts += [schemas[name] for name in names]
    return found


def _complete(
    operation: dict[str, Any],
    opt: dict[str, Any],
    method: str,
    path: str,
    schemas: dict[str, Any],
) -> None:
    need = ACTIONS.get(opt.get("action", ""))
    operation["tags"] = [_tag(path)]
    operation["summary"] = operation.get("description", "").partition(".")[0]
    operation["security"] = [{"bearer": []}] if need else []
    operation["x-role"] = need.role if need and need.on != "self" else None
    if method == "post" and "{client_id}" in path:
        operation.setdefault("parameters", []).append(_key_parameter(opt))
    body = operation.get("requestBody")
    for content in (body or {}).get("content", {}).values():
        content["example"] = example(content["schema"], schemas)
    for status, response in list(operation.get("responses", {}).items()):
        if status.startswith("4"):
            del operation["responses"][status]
        if status == "204":
            response.pop("content", None)
        for kind, content in response.get("content", {}).items():
            content["example"] = _EXAMPLES.get(kind) or example(content["schema"], schemas)
    for status in _statuses(operation, bool(need), "{" in path, bool(body)):
        operation["responses"][str(status)] = _error(status)


def _statuses(operation: dict[str, Any], signed: bool, scoped: bool, body: bool) -> list[int]:
    """Return the error statuses an operation can answer with."""
    keyed = any(p.get("name") == HEADER for p in operation.get("parameters", ()))
    wanted = {
        400: body,
        401: signed or "/auth" in str(operation["tags"]),
        403: signed,
        404: scoped,
        409: keyed,
        413: body,
        415: body,
        422: body or bool(operation.get("parameters")),
        429: not signed and body,
        500: True,
        503: True,
    }
    return [status for status, can in wanted.items() if can]


def _error(status: int) -> dict[str, Any]:
    code = _ERRORS[status]
    text = say("en", f"error.{code}")
    shown = {
        "success": False,
        "error": {"code": code, "message": text, "details": {"request_id": "01a1fc2b7d91"}},
    }
    schema = {"$ref": "#/components/schemas/ErrorAnswer"}
    return {
        "description": text,
        "content": {"application/json": {"schema": schema, "example": shown}},
    }


def _key_parameter(opt: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": bool(opt.get("key_required")),
        "schema": {"type": "string", "maxLength": 200},
        "description": "A repeat with the same key has one effect and gets the first answer.",
    }


def _tag(path: str) -> str:
    parts = [part for part in path.split("/") if part and not part.startswith("{") and part != "v1"]
    if parts[:1] == ["clients"] and len(parts) > 1:
        parts = parts[1:]
    return parts[0].partition(":")[0] if parts else "dashboard"


def _opts(app: Litestar) -> dict[str, dict[str, Any]]:
    return {
        str(handler.operation_id): dict(handler.opt)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    }


@cache
def _error_schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components(
        [ErrorAnswer], ref_template="#/components/schemas/{name}"
    )
    return schemas
