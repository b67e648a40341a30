"""Every letter in both languages: complete, harmless, and telling what it must."""

import re
from html.parser import HTMLParser

import pytest

from palabre.base.words import LOCALES, catalogue
from palabre.mail.rendering import Item, render
from palabre.mail.templates import TEMPLATES, sentence_keys

URL = "https://palabre.test/x?a=1&b=2#secret=abc"
NASTY = '"><script>alert(1)</script>\r\nBcc: x@example.org'
ITEMS = [Item(title="Teranga", lines=("Why it is so.",), url=URL)]


def facts(key: str, value: str = "Teranga") -> dict[str, object]:
    template = TEMPLATES[key]
    given: dict[str, object] = dict.fromkeys(template.facts, value)
    given |= dict.fromkeys(template.facts & {"n", "hours", "minutes", "days"}, 12)
    given |= dict.fromkeys(template.worded, "editor")
    return given | ({"url": URL} if template.button else {})


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", TEMPLATES)
def test_every_sentence_is_there_and_uses_facts_the_letter_has(key: str, locale: str) -> None:
    words = catalogue("palabre", locale)
    for name in sentence_keys(key):
        used = set(re.findall(r"\{(\w+)\}", words[name]))
        assert used <= TEMPLATES[key].facts, name
    letter = render(key, locale, facts(key), sender_name="Baobab", items=ITEMS)
    for part in (letter.subject, letter.text, letter.html):
        assert not re.search(r"\{\w+\}|mail\.\w+\.", part)
    assert URL in letter.text
    assert "Teranga" in letter.text or not TEMPLATES[key].facts


def test_no_sentence_of_a_letter_is_left_over() -> None:
    used = {name for key in TEMPLATES for name in sentence_keys(key)}
    used |= {"mail.copy", *(f"mail.role.{role}" for role in ("owner", "admin", "editor", "viewer"))}
    assert {name for name in catalogue("palabre", "en") if name.startswith("mail.")} == used


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert name not in {"src", "srcset", "background"}
            assert not name.startswith("on")
            if name == "href":
                self.links.add(value or "")
            assert "url(" not in (value or "")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", TEMPLATES)
def test_a_letter_loads_nothing_and_runs_nothing(key: str, locale: str) -> None:
    items = [Item(title=NASTY, lines=(NASTY,), url=URL)]
    letter = render(key, locale, facts(key, NASTY), sender_name=NASTY, items=items)
    seen = Seen()
    seen.feed(letter.html)
    known = {"html", "head", "meta", "title", "body", "table", "tr", "td", "h1", "p", "a"}
    assert seen.tags <= known | {"strong", "br", "span"}
    assert seen.links == {URL}
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject


def test_missing_and_foreign_facts_are_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        render("password_reset", "en", {"name": "Awa"}, sender_name="Palabre")
    more = {**facts("password_reset"), "more": "x"}
    with pytest.raises(ValueError, match="needs"):
        render("password_reset", "en", more, sender_name="Palabre")
    evil = {**facts("password_reset"), "url": "javascript:alert(1)"}
    with pytest.raises(ValueError, match="no web page"):
        render("password_reset", "en", evil, sender_name="Palabre")
