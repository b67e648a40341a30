"""Take known secrets out of texts a plugin wrote, by value and not by name."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from palabre.sdk import Secret

_SHORTEST = 4
"""Shorter texts would mask half the alphabet and are no secrets."""


def secrets_in(*things: Any) -> Iterator[Secret]:
    """Yield the secrets held by values of the contract, at any depth."""
    for thing in things:
        if isinstance(thing, Secret):
            yield thing
        elif isinstance(thing, Struct):
            yield from secrets_in(*(getattr(thing, name) for name in thing.__struct_fields__))
        elif isinstance(thing, Mapping):
            yield from secrets_in(*thing.values())
        elif isinstance(thing, list | tuple | frozenset | set):
            yield from secrets_in(*thing)


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Return ``text`` with every secret, also as it stands in a URL, replaced by ``***``."""
    plain = {secret.reveal() for secret in secrets}
    forms = {form for text_ in plain for form in (text_, quote(text_, safe=""))}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORTEST:
            text = text.replace(form, "***")
    return text
