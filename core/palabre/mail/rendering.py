"""Renders a letter in the language of who gets it: subject, plain text and HTML.

The HTML has inline styles only and loads nothing: no picture, no font, no counter of openings.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from palabre.base.words import say
from palabre.mail.templates import TEMPLATES, Template

Facts = Mapping[str, object]
_FONT: Final = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif"
_INK: Final = "#1F1C18"
_QUIET: Final = "#5A544B"
_LINE: Final = "#E2DED7"
_ACCENT: Final = "#0B6576"


class Item(Struct, frozen=True, kw_only=True):
    """One thing a letter lists: what it is, what is to be said of it, where it stands."""

    title: str
    lines: tuple[str, ...] = ()
    url: str = ""


class Letter(Struct, frozen=True, kw_only=True):
    """A rendered letter."""

    subject: str
    text: str
    html: str


class _Parts(Struct, frozen=True, kw_only=True):
    locale: str
    sender: str
    heading: str
    paragraphs: list[str]
    items: Sequence[Item]
    url: str
    button: str
    closing: list[str]
    why: str
    copy: str


def render(
    key: str, locale: str, params: Facts, *, sender_name: str, items: Sequence[Item] = ()
) -> Letter:
    """Return the letter ``key`` in ``locale``.

    Args:
        key: Entry of ``TEMPLATES``.
        locale: Language of who gets it.
        params: The facts of the template, and ``url`` where it has a button.
        sender_name: Shown above the letter: the agency, or the product.
        items: What the letter lists.

    Raises:
        ValueError: A fact is missing or not the template's, or ``url`` leads to no web page.
    """
    template = TEMPLATES[key]
    _check(key, template, params)
    facts = {**params, **_worded(template, locale, params)}

    def sentence(part: str) -> str:
        return say(locale, f"mail.{key}.{part}", facts)

    parts = _Parts(
        locale=locale,
        sender=sender_name,
        heading=sentence("heading"),
        paragraphs=[sentence(part) for part in template.paragraphs],
        items=items,
        url=str(params["url"]) if template.button else "",
        button=sentence("button") if template.button else "",
        closing=[sentence(part) for part in template.closing],
        why=sentence("why"),
        copy=say(locale, "mail.copy"),
    )
    return Letter(subject=one_line(sentence("subject")), text=_text(parts), html=_html(parts))


def one_line(text: str) -> str:
    """Return ``text`` fit for a header: nothing in it can begin another one."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).strip()


def _check(key: str, template: Template, params: Facts) -> None:
    wanted = template.facts | ({"url"} if template.button else set())
    if set(params) != wanted:
        raise ValueError(f"mail {key} needs {sorted(wanted)}, got {sorted(params)}")
    if template.button and urlsplit(str(params["url"])).scheme not in {"http", "https"}:
        raise ValueError(f"mail {key}: its button leads to no web page")


def _worded(template: Template, locale: str, params: Facts) -> dict[str, str]:
    return {name: say(locale, f"{start}{params[name]}") for name, start in template.worded.items()}


def _text(parts: _Parts) -> str:
    blocks = [parts.heading, *parts.paragraphs]
    blocks += ["\n".join(["- " + item.title, *_indented(item)]) for item in parts.items]
    if parts.url:
        blocks.append(f"{parts.button}\n{parts.url}")
    blocks += parts.closing
    return "\n\n".join(blocks) + f"\n\n-- \n{parts.sender}\n{parts.why}\n"


def _indented(item: Item) -> list[str]:
    return [f"  {line}" for line in (*item.lines, item.url) if line]


def _html(parts: _Parts) -> str:
    body = [
        f'<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">{escape(parts.heading)}</h1>',
        *(_paragraph(text) for text in parts.paragraphs),
        *(_item(item) for item in parts.items),
        _button(parts) if parts.url else "",
        *(_paragraph(text) for text in parts.closing),
    ]
    return (
        f'<!doctype html><html lang="{escape(parts.locale)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(parts.heading)}</title></head>"
        f'<body style="margin:0;padding:0;background:#FAF9F7;color:{_INK};{_FONT}">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>'
        '<td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        'style="max-width:560px;text-align:left">'
        f'<tr><td style="padding:0 4px 12px;font-size:15px;font-weight:600;{_FONT}">'
        f"{escape(parts.sender)}</td></tr>"
        f'<tr><td style="padding:28px 24px;background:#ffffff;border:1px solid {_LINE};'
        f'border-radius:8px;color:{_INK};font-size:16px;line-height:1.55;{_FONT}">'
        f"{''.join(body)}</td></tr>"
        f'<tr><td style="padding:14px 4px;color:{_QUIET};font-size:13px;line-height:1.5;{_FONT}">'
        f"{escape(parts.why)}</td></tr></table></td></tr></table></body></html>"
    )


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 14px">{escape(text)}</p>'


def _item(item: Item) -> str:
    title = escape(item.title)
    if item.url:
        title = f'<a href="{escape(item.url)}" style="color:{_ACCENT}">{title}</a>'
    lines = "".join(
        f'<br><span style="color:{_QUIET}">{escape(line)}</span>' for line in item.lines
    )
    return (
        f'<p style="margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid {_LINE};'
        f'overflow-wrap:anywhere"><strong>{title}</strong>{lines}</p>'
    )


def _button(parts: _Parts) -> str:
    url = escape(parts.url)
    return (
        f'<p style="margin:22px 0"><a href="{url}" style="display:inline-block;padding:12px 20px;'
        f"background:{_ACCENT};color:#ffffff;border-radius:6px;text-decoration:none;"
        f'font-weight:600">{escape(parts.button)}</a></p>'
        f'<p style="margin:0 0 14px;color:{_QUIET};font-size:13px;overflow-wrap:anywhere">'
        f'{escape(parts.copy)}<br><a href="{url}" style="color:{_QUIET}">{url}</a></p>'
    )
