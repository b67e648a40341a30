"""Sentences for people in English and French, from the ``locales`` folder of a distribution."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal, get_args

import msgspec

Locale = Literal["en", "fr"]
LOCALES: Final[tuple[Locale, ...]] = get_args(Locale)
DEFAULT_LOCALE: Final = "en"
_GROUPS: Final = {"en": ",", "fr": "\u202f"}
"""Between the thousands of a number."""
_CALENDAR: Final = {
    "en": (
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ),
    "fr": (
        ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
        [
            "janv.",
            "févr.",
            "mars",
            "avr.",
            "mai",
            "juin",
            "juil.",
            "août",
            "sept.",
            "oct.",
            "nov.",
            "déc.",
        ],
    ),
}
"""Short names of days and months: two languages need no library of all of them."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=256)
def catalogue(package: str, locale: str) -> dict[str, str]:
    """Return the sentences of ``package`` in ``locale``; empty when it ships none."""
    path = files(package) / "locales" / f"{locale}.json"
    if not path.is_file():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])


def say(
    locale: str, key: str, params: Mapping[str, object] | None = None, *, package: str = "palabre"
) -> str:
    """Return the sentence ``key`` in ``locale`` with its placeholders filled.

    Falls back to English, then to the key itself: a missing sentence must not break an answer.
    """
    for language in (locale, DEFAULT_LOCALE):
        sentence = catalogue(package, language).get(key)
        if sentence is not None:
            return _fill(sentence, params or {}, language)
    return key


def _fill(sentence: str, values: Mapping[str, object], locale: str) -> str:
    return _PLACEHOLDER.sub(lambda m: _written(values.get(m[1], m[0]), locale), sentence)


def _written(value: object, locale: str) -> str:
    """Return a value as the language writes it: whole numbers with their thousands apart."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace(",", _GROUPS[locale])
    return str(value)


def moment(locale: str, local: datetime) -> str:
    """Return a local time as lists write it: "Thu 26 Nov, 14:30", "jeu. 26 nov., 14:30"."""
    days, months = _CALENDAR.get(locale, _CALENDAR[DEFAULT_LOCALE])
    day = "1er" if locale == "fr" and local.day == 1 else str(local.day)
    return f"{days[local.weekday()]} {day} {months[local.month - 1]}, {local:%H:%M}"


def has(key: str, *, package: str = "palabre") -> bool:
    """Tell whether ``package`` has a sentence ``key``."""
    return key in catalogue(package, DEFAULT_LOCALE)


def choose_locale(accept_language: str | None, preferred: str | None = None) -> str:
    """Pick one of our languages: the person's own, else the first of the header we speak."""
    if preferred in LOCALES:
        return preferred
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LOCALES:
            return tag
    return DEFAULT_LOCALE
