"""Reads msgspec's English messages into our field problems, so that people read ours."""

import re
from typing import Final

from palabre.base.errors import FieldProblem

_PATH: Final = re.compile(r" - at `\$?\.?(?P<path>[^`]*)`$")
_MISSING: Final = re.compile(r"missing required field `(?P<name>[^`]+)`")
_UNKNOWN: Final = re.compile(r"unknown field `(?P<name>[^`]+)`")
_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"length >= (?P<min>\d+)"), "too_short"),
    (re.compile(r"length <= (?P<max>\d+)"), "too_long"),
    (re.compile(r">= (?P<min>-?[\d.]+)"), "too_small"),
    (re.compile(r"<= (?P<max>-?[\d.]+)"), "too_large"),
    (re.compile(r"Invalid (RFC3339|UUID|enum|date|time)|matching regex|timezone"), "not_valid"),
    (re.compile(r"Expected `(?P<expected>[^`]+)`"), "wrong_type"),
)


def problem_of(message: str, key: str = "") -> FieldProblem:
    """Return the field and code a message of msgspec speaks of.

    Args:
        message: Such as ``Expected `str`, got `int` - at `$.text` ``.
        key: Field name where the message has no path (parameters).
    """
    found = _PATH.search(message)
    path = found["path"].removeprefix(".") if found else ""
    path = re.sub(r"\[(\.\.\.|\d+)\]", "", path)
    for pattern, code in ((_MISSING, "required"), (_UNKNOWN, "unknown")):
        match = pattern.search(message)
        if match:
            return FieldProblem(field=".".join(filter(None, (path, match["name"]))), code=code)
    for pattern, code in _RULES:
        match = pattern.search(message)
        if match:
            params: dict[str, str | int | float] = dict(match.groupdict())
            return FieldProblem(field=path or key, code=code, params=params)
    return FieldProblem(field=path or key, code="not_valid")
