"""Reads a PATCH: what was given, and nothing else."""

from typing import Any

from msgspec import UNSET, Struct, structs


def given(data: Struct) -> dict[str, Any]:
    """Return the fields the caller sent."""
    return {name: value for name, value in structs.asdict(data).items() if value is not UNSET}
