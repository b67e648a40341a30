"""Example values made from a JSON schema: the same ones at every call, readable by people.

A field takes its value from the table of its schema, else from the table of names, else from its
format or type. Whatever the tables say, ``tests/api/test_documentation.py`` sees that it fits.
"""

from typing import Any, Final

_ID: Final = "01a1fc2b-7d91-78ea-8375-0f7aad3790b3"
_BY_FORMAT: Final = {
    "uuid": _ID,
    "date-time": "2026-11-26T14:30:00Z",
    "binary": "(bytes of the file)",
}
_BY_NAME: Final[dict[str, Any]] = {
    "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMWExZmMyYiJ9.c2lnbmF0dXJl",
    "action": "publications.create",
    "adapter": "facebook",
    "agency_name": "Agence Baobab",
    "alt_text": "Trois pots de miel sur une table au marché.",
    "attempt": 1,
    "channel": f"palabre-connect-{_ID}",
    "code": "too_long",
    "colour": "#8C4A2F",
    "content_type": "image/jpeg",
    "created_at": "2026-11-24T09:12:00Z",
    "email": "awa@baobab.example",
    "expires_at": "2027-01-25T09:12:00Z",
    "expires_in": 900,
    "field": "text",
    "filename": "marche-kermel.jpg",
    "followers": 12840,
    "hash": "5f2c6f7bd0a4c3f19d1f4b7e0d6b7a8c9e0f1a2b3c4d5e6f708192a3b4c5d6e7",
    "height": 1350,
    "icon": "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z",
    "isolation": "pooled",
    "key": "facebook",
    "kind": "image",
    "length": 36,
    "link": "https://teranga.example/marche",
    "local_time": "2026-11-26T14:30",
    "locale": "fr",
    "message": "Too long by 3 characters.",
    "name": "Teranga Foods",
    "next_cursor": None,
    "password": "three words and 1 number",
    "permalink": "https://www.facebook.com/1029384756/posts/5647382910",
    "picture_url": "https://palabre.example/content/01a1fc2b/picture.jpg",
    "platform": "facebook",
    "platform_name": "Facebook",
    "plugin": "facebook",
    "publish_at": "2026-11-26T14:30",
    "refresh_token": "b3BhcXVlLWFuZC1vbmx5LW9uY2U",
    "remote_id": "1029384756",
    "request_id": "01a1fc2b7d91",
    "secret": "b25lLXRpbWUtbGluay1zZWNyZXQ",
    "sha256": "9b74c9897bac770ffc029102a200c5de0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "size": 248312,
    "slug": "teranga-foods",
    "text": "Rendez-vous samedi au marché Kermel.",
    "time_zone": "Africa/Dakar",
    "url": "https://www.facebook.com/1029384756",
    "username": "terangafoods",
    "version": "0.1.0",
    "voice": "Warm and direct; says vous.",
    "width": 1080,
}
_OF_SCHEMA: Final[dict[str, dict[str, Any]]] = {
    "Account": {
        "kind": "page",
        "last_error": None,
        "scopes": ["pages_show_list", "pages_manage_posts"],
        "held": 0,
    },
    "Attempt": {"url": f"https://palabre.example/connect/{_ID}", "error": None},
    "AgencyPlugin": {
        "settings": {"app_id": "482910573", "app_secret": {"set_at": "2026-11-24T09:12:00Z"}},
        "missing": [],
    },
    "AgencyPluginChange": {"settings": {"app_id": "482910573", "app_secret": "as given there"}},
    "AgencyRef": {"name": "Agence Baobab"},
    "AuditActor": {"kind": "user", "name": "Awa Ndiaye"},
    "AuditEntry": {"details": {"accounts": 2}, "n": 42},
    "AuditTarget": {"kind": "publication"},
    "Brand": {"name": "Teranga Miel"},
    "Checked": {"ok": True, "max_length": 63206, "violations": [], "warnings": []},
    "Choice": {"kind": "page", "reason": None, "connected": False},
    "Chosen": {"remote_ids": ["1029384756"]},
    "ClientPlugin": {"missing": [], "inherited": ["app_id", "app_secret"], "settings": {}},
    "ClientPluginChange": {"settings": {"graph_version": "v25.0"}},
    "Created": {"notices": []},
    "EnabledBy": {"name": "Awa Ndiaye"},
    "KindSpec": {"kind": "image", "max_text": 63206, "recommended_text": 500},
    "Me": {"name": "Awa Ndiaye"},
    "MeChange": {"name": "Awa Ndiaye"},
    "MediaRule": {
        "content_types": ["image/jpeg", "image/png"],
        "max_count": 10,
        "max_bytes": 10485760,
        "min_width": None,
        "min_height": None,
        "max_pixels": None,
        "min_ratio": None,
        "max_ratio": None,
        "max_duration_s": None,
    },
    "Media": {"url": "https://palabre.example/content/01a1fc2b/marche-kermel.jpg?until=1795703400"},
    "MyAgency": {"name": "Agence Baobab"},
    "NewAttempt": {"account_id": None},
    "NewBrand": {"name": "Teranga Miel"},
    "Piece": {"version": 3},
    "PieceChange": {"version": 3},
    "Plugin": {
        "name": "Facebook",
        "vendor": "Palabre",
        "reason": "",
        "capabilities": ["connect", "publish.text", "publish.image"],
        "lifecycle": "production",
        "colour": "#0866FF",
        "allowed_hosts": ["graph.facebook.com"],
        "platform_api_version": "v25.0",
        "platform_api_end": "2028-02-18",
        "support_url": "https://palabre.example/support",
        "settings_schema": {
            "type": "object",
            "properties": {
                "app_id": {"type": "string", "title": "App id"},
                "app_secret": {"type": "string", "title": "App secret", "writeOnly": True},
            },
            "required": ["app_id", "app_secret"],
        },
    },
    "PluginAdapter": {"family": "publisher"},
    "PluginScope": {
        "scope": "pages_manage_posts",
        "sentence": "Publish on the pages you choose.",
    },
    "PreviewSpec": {"actions": ["like", "comment", "share"], "truncate_at": 477},
    "Publication": {
        "state": "published",
        "needs_person": False,
        "reason": None,
        "remote_id": "1029384756_5647382910",
        "allowed_actions": [],
    },
    "Registration": {"name": "Awa Ndiaye"},
    "Step": {"kind": "post", "state": "published", "remote_id": "1029384756_5647382910", "n": 1},
    "Verdict": {"time": []},
}


def example(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """Return a value that fits ``schema``.

    Args:
        schema: JSON schema, may refer to components.
        components: The schemas of ``#/components/schemas``.
    """
    return _value("", schema, components)


def _value(name: str, schema: dict[str, Any], components: dict[str, Any]) -> Any:
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        return _object(owner, components[owner], components)
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            parts = [part for part in schema[choice] if part.get("type") != "null"]
            return _value(name, parts[0], components) if parts else None
    if "const" in schema:
        return schema["const"]
    options = schema.get("enum")
    if options:
        known = _BY_NAME.get(name)
        return known if known in options else options[0]
    return _of_type(name, schema, components)


def _object(owner: str, schema: dict[str, Any], components: dict[str, Any]) -> Any:
    if "properties" not in schema:
        return _value("", schema, components)
    known = _OF_SCHEMA.get(owner, {})
    return {
        field: known[field] if field in known else _value(field, part, components)
        for field, part in schema["properties"].items()
    }


def _of_type(name: str, schema: dict[str, Any], components: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object":
        return _object("", {"properties": schema.get("properties", {})}, components)
    if kind == "array":
        return [_value(name.removesuffix("s"), schema.get("items", {}), components)]
    if kind == "string":
        by_format = _BY_FORMAT.get(schema.get("format", ""), name.replace("_", " ") or "text")
        return _BY_NAME.get(name, by_format)
    return _number(name, schema) if kind in {"integer", "number"} else kind == "boolean" or None


def _number(name: str, schema: dict[str, Any]) -> Any:
    known = _BY_NAME.get(name)
    return known if isinstance(known, int) else int(schema.get("minimum", 1))
