"""Renders the server's own pages from templates, every value escaped."""

from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup, escape

from palabre.base.words import say

HEADERS: Final = {"cache-control": "no-store", "referrer-policy": "same-origin"}
"""Forms tell their origin only under this referrer policy; nothing of the page is kept."""

_templates = Environment(
    loader=PackageLoader("palabre_api.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, locale: str, *, status: int = 200, **values: Any) -> Response[str]:
    """Return the page of a template.

    Args:
        name: Template without extension.
        locale: Language of the page; ``t`` in templates says sentences in it.
        status: HTTP status.
        values: What the template shows.
    """

    def t(key: str, **params: Any) -> Markup:
        # Numbers stay numbers: the sentence writes them as its language does.
        shown = {
            name: value if isinstance(value, int) else Markup("<bdi>{}</bdi>").format(value)
            for name, value in params.items()
        }
        return Markup(say(locale, str(escape(key)), shown))  # noqa: S704  # sentences are ours

    html = _templates.get_template(f"{name}.html").render(t=t, locale=locale, **values)
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=dict(HEADERS))
