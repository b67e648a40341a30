"""Settings of plugins: three levels merged field by field, secrets apart, problems by field.

The levels are installation (also from the environment), agency and client; the narrowest wins.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from palabre.base.errors import FieldProblem, Invalid
from palabre.sdk import Secret

_REF: Final = "#/$defs/"
_S = TypeVar("_S", bound=Struct)


def merge(*levels: Mapping[str, Any]) -> dict[str, Any]:
    """Join levels given from the widest to the narrowest. None means: not set on this level."""
    return {name: value for level in levels for name, value in level.items() if value is not None}


def missing(settings: type[Struct], merged: Mapping[str, Any]) -> list[str]:
    """Return the required fields that have no value on any level, in order of declaration."""
    return [
        field.encode_name
        for field in fields(settings)
        if _required(field) and merged.get(field.encode_name) in (None, "", Secret(""))
    ]


def decode(settings: type[_S], merged: Mapping[str, Any]) -> _S:
    """Return the settings as the adapter gets them. Texts of the environment become numbers.

    Raises:
        Invalid: A field is missing or has a value of the wrong kind.
    """
    absent = missing(settings, merged)
    problems = [_problem(name, "required") for name in absent]
    problems += _problems(settings, merged, skip=absent, strict=False)
    if problems:
        raise Invalid(*problems, code="plugin_settings_incomplete")
    try:
        return msgspec.convert(dict(merged), settings, strict=False, dec_hook=_to_secret)
    except msgspec.ValidationError as error:  # a rule over several fields (__post_init__)
        raise Invalid(_problem("", "not_accepted", reason=str(error))) from error


def check_level(settings: type[Struct], data: Mapping[str, Any]) -> None:
    """Check what somebody enters on one level; other levels may hold the missing fields.

    Raises:
        Invalid: A field is unknown or has a value of the wrong kind.
    """
    known = {field.encode_name for field in fields(settings)}
    problems = [_problem(name, "unknown") for name in sorted(set(data) - known)]
    problems += _problems(settings, data, skip=(), strict=True)
    if problems:
        raise Invalid(*problems)


def split_secrets(
    settings: type[Struct], data: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Secret]]:
    """Part one level into what may be stored as it is and what goes to the vault."""
    names = secret_fields(settings)
    plain = {name: value for name, value in data.items() if name not in names}
    secret = {
        name: _to_secret(Secret, value)
        for name, value in data.items()
        if name in names and value is not None
    }
    return plain, secret


def secret_fields(settings: type[Struct]) -> frozenset[str]:
    """Return the names of the fields whose type is ``Secret``."""
    return frozenset(field.encode_name for field in fields(settings) if _holds_secret(field.type))


def masked(settings: type[Struct], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a level for the API: secrets only as ``{"set": true}``, unknown fields left out."""
    names = secret_fields(settings)
    return {
        field.encode_name: (
            {"set": bool(data.get(field.encode_name))}
            if field.encode_name in names
            else data.get(field.encode_name)
        )
        for field in fields(settings)
    }


def schema(settings: type[Struct]) -> dict[str, Any]:
    """Return the JSON schema of the settings form; secret fields are ``writeOnly``."""
    (root,), parts = msgspec.json.schema_components([settings], schema_hook=_schema_of)
    name = root["$ref"].removeprefix(_REF)
    inner = {key: part for key, part in parts.items() if key != name}
    form: dict[str, Any] = parts[name]
    return form | ({"$defs": inner} if inner else {})


def _problems(
    settings: type[Struct], data: Mapping[str, Any], *, skip: list[str] | tuple[()], strict: bool
) -> list[FieldProblem]:
    """Try each field on its own, so that all problems are told at once."""
    found = []
    for field in fields(settings):
        name = field.encode_name
        if name in skip or data.get(name) is None:
            continue
        try:
            msgspec.convert(data[name], field.type, strict=strict, dec_hook=_to_secret)
        except msgspec.ValidationError as error:
            reason = "" if name in secret_fields(settings) else str(error)
            found.append(_problem(name, "not_accepted", reason=reason))
    return found


def _problem(name: str, code: str, **params: str) -> FieldProblem:
    return FieldProblem(field=name, code=code, params=dict(params))


def _required(field: FieldInfo) -> bool:
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


def _holds_secret(kind: Any) -> bool:
    """Look through ``Annotated`` and unions."""
    return kind is Secret or any(_holds_secret(part) for part in get_args(kind))


def _to_secret(kind: type, value: Any) -> Any:
    """Decode a ``Secret``; the only type of settings that JSON does not know."""
    if kind is not Secret:
        raise NotImplementedError(f"Settings cannot hold {kind.__name__}")
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    return Secret(value)


def _schema_of(kind: type) -> dict[str, Any]:
    if kind is not Secret:
        raise NotImplementedError(f"Settings cannot hold {kind.__name__}")
    return {"type": "string"}
