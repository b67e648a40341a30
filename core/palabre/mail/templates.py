"""The letters we write: which facts each needs, which sentences it has, in which order.

The sentences stand in ``palabre/locales`` as ``mail.<key>.subject``, ``.heading``,
``.<paragraph>``, ``.button`` and ``.why`` (why somebody gets this letter).
"""

from typing import Final

from msgspec import Struct


class Template(Struct, frozen=True, kw_only=True):
    """One letter.

    Every one may have ``url`` among its facts; ``button`` says that it leads there.
    """

    facts: frozenset[str]
    """Names of the placeholders its sentences may use."""
    paragraphs: tuple[str, ...]
    button: bool = True
    closing: tuple[str, ...] = ()
    """Paragraphs below the button."""
    worded: dict[str, str] = {}  # msgspec copies empty defaults
    """Facts that are words of ours: name of the fact, start of the key of its words."""
    listing: bool = False
    """Whether items are listed between the paragraphs and the button."""


TEMPLATES: Final[dict[str, Template]] = {
    "verify_address": Template(
        facts=frozenset({"name", "agency", "hours"}),
        paragraphs=("ask",),
        closing=("ends", "not_you"),
    ),
    "known_address": Template(
        facts=frozenset({"name"}), paragraphs=("what", "todo"), closing=("not_you",)
    ),
    "password_reset": Template(
        facts=frozenset({"name", "minutes"}),
        paragraphs=("ask",),
        closing=("ends", "not_you"),
    ),
    "invitation": Template(
        facts=frozenset({"person", "agency", "place", "role", "days"}),
        paragraphs=("ask", "role"),
        closing=("ends", "unknown"),
        worded={"role": "mail.role."},
    ),
    "sign_in_link": Template(
        facts=frozenset({"name", "minutes"}),
        paragraphs=("ask",),
        closing=("ends", "not_you"),
    ),
    "session_revoked": Template(
        facts=frozenset({"name", "agency", "device"}),
        paragraphs=("what", "todo"),
        closing=("why_so",),
    ),
    "publication_published": Template(
        facts=frozenset({"client", "account"}), paragraphs=("what",), listing=True
    ),
    "publication_published_several": Template(
        facts=frozenset({"client", "n"}), paragraphs=("what",), listing=True
    ),
    "publication_failed": Template(
        facts=frozenset({"client", "account"}), paragraphs=("what",), listing=True
    ),
    "publication_failed_several": Template(
        facts=frozenset({"client", "n"}), paragraphs=("what",), listing=True
    ),
    "publication_needs_person": Template(
        facts=frozenset({"client", "account"}), paragraphs=("what",), listing=True
    ),
    "publication_needs_person_several": Template(
        facts=frozenset({"client", "n"}), paragraphs=("what",), listing=True
    ),
    "account_needs_reconnect": Template(
        facts=frozenset({"client", "account", "platform"}), paragraphs=("what",), listing=True
    ),
    "account_needs_reconnect_several": Template(
        facts=frozenset({"client", "n"}), paragraphs=("what",), listing=True
    ),
}


def sentence_keys(key: str) -> list[str]:
    """Return the keys of every sentence of a letter."""
    template = TEMPLATES[key]
    parts = ["subject", "heading", *template.paragraphs, *template.closing, "why"]
    if template.button:
        parts.append("button")
    return [f"mail.{key}.{part}" for part in parts]
