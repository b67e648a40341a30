"""The pages people see: the login dialog, a Page's feed, one post. Everything is escaped."""

from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import urlencode

from palabre_facebook.simulator.people import PAGES, PEOPLE, SCOPE_WORDS, Page, Person
from palabre_facebook.simulator.state import Photo, Post

_STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;background:#f0f2f5;color:#1c1e21;font:16px/1.45 system-ui,-apple-system,sans-serif}
main{max-width:36rem;margin:0 auto;padding:1rem}
.bar{background:#fff;border-bottom:1px solid #dadde1;padding:.6rem 1rem;display:flex;
 align-items:center;gap:.6rem;font-weight:600}
.bar small{margin-left:auto;font-weight:400;color:#606770}
.card{background:#fff;border-radius:10px;box-shadow:0 1px 2px #0002;padding:1.1rem;margin:1rem 0}
h1{font-size:1.3rem;line-height:1.25;margin:0 0 .4rem}p{margin:.4rem 0}
.grey{color:#606770;font-size:.9rem}a{color:#0a58ca}
.who{display:flex;gap:.7rem;align-items:center;margin-bottom:.6rem}
.who img,.face{width:44px;height:44px;border-radius:50%}
.face{display:inline-grid;place-items:center;background:#0866ff;color:#fff;font-weight:600}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}
.link{display:block;border:1px solid #dadde1;border-radius:8px;background:#f7f8fa;
 padding:.8rem;text-decoration:none;overflow-wrap:anywhere}
.photos{display:grid;gap:3px;grid-template-columns:repeat(auto-fit,minmax(46%,1fr));margin-top:.6rem}
.photos img{width:100%;height:100%;object-fit:cover;border-radius:4px;display:block}
ul.ask{list-style:none;margin:.8rem 0;padding:0}
ul.ask label{display:flex;gap:.7rem;padding:.55rem 0;border-top:1px solid #eceef1;cursor:pointer}
ul.ask code{display:block;color:#606770;font-size:.8rem}
input[type=checkbox]{width:20px;height:20px;flex:none;accent-color:#0866ff}
button{font:inherit;font-weight:600;border:0;border-radius:8px;padding:.75rem 1rem;width:100%;
 min-height:44px;cursor:pointer;margin-top:.5rem}
button:focus-visible,a:focus-visible,input:focus-visible{outline:3px solid #f7b928;
 outline-offset:2px}
.yes{background:#0a5fe0;color:#fff}.no{background:#e4e6eb;color:#050505}
"""
_MARK: Final = '<span class="face" style="width:28px;height:28px" aria-hidden="true">f</span>'


def document(title: str, body: str) -> str:
    """Return a whole page with the note that this is a stand-in."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>"
        f'<div class="bar">{_MARK} Facebook <small>Simulated: nothing leaves this machine</small>'
        f"</div><main>{body}</main></body></html>"
    )


def dialog(app_name: str, person_id: str, scopes: list[str], query: dict[str, str]) -> str:
    """Return the login dialog: who is asked, for what, and both ways out."""
    person = PEOPLE[person_id]
    rows = "".join(
        f'<li><label><input type="checkbox" name="scope" value="{escape(scope)}" checked>'
        f"<span>{escape(SCOPE_WORDS[scope])}<code>{escape(scope)}</code></span></label></li>"
        for scope in scopes
    )
    others = ", ".join(
        _person_link(other, query) for other in PEOPLE.values() if other.id != person_id
    )
    pages = [PAGES[page_id].name for page_id in person.roles]
    manages = f"Manages {', '.join(pages)}" if pages else "Manages no Page"
    body = (
        f'<form method="post" class="card"><h1>{escape(app_name)} asks for access</h1>'
        f'<div class="who"><span class="face" aria-hidden="true">{escape(person.name[0])}</span>'
        f'<div><strong>{escape(person.name)}</strong><div class="grey">{escape(manages)}</div>'
        f'</div></div><p>Untick what you do not want to allow.</p><ul class="ask">{rows}</ul>'
        f'<input type="hidden" name="person" value="{escape(person_id)}">'
        f'<button class="yes" name="decision" value="approve">Continue as {escape(person.name)}'
        '</button><button class="no" name="decision" value="deny">Cancel</button>'
        f'<p class="grey">Not {escape(person.name)}? Continue as {others}.</p></form>'
    )
    return document(f"Log in: {app_name}", body)


def problem(text: str) -> str:
    """Return the page Facebook shows instead of a dialog."""
    return document(
        "Facebook", f'<div class="card"><h1>Not available</h1><p>{escape(text)}</p></div>'
    )


def home(base: str) -> str:
    """Return the list of Pages; ``base`` is where www.facebook.com is reached."""
    rows = "".join(
        f'<div class="card">{_head(page, base, _facts(page))}</div>' for page in PAGES.values()
    )
    return document("Pages", f"<h1>Pages</h1>{rows}")


def feed(page: Page, posts: list[tuple[Post, list[Photo]]], base: str) -> str:
    """Return a Page as visitors see it, newest post first."""
    top = f'<div class="card"><h1>{escape(page.name)}</h1><p class="grey">'
    top += f"{escape(_facts(page))}</p></div>"
    cards = "".join(card(page, post, photos, base) for post, photos in posts)
    return document(page.name, top + (cards or '<p class="grey">No posts yet.</p>'))


def single(page: Page, post: Post, photos: list[Photo], base: str) -> str:
    """Return one post under its permanent address."""
    return document(f"{page.name}: post", card(page, post, photos, base))


def card(page: Page, post: Post, photos: list[Photo], base: str) -> str:
    """Return a post: who, when, text, link, pictures."""
    moment = datetime.fromtimestamp(post.created, UTC)
    when = (
        f'<a href="{base}/{escape(post.id)}"><time datetime="{moment.isoformat()}">'
        f"{moment:%d %B %Y, %H:%M} UTC</time></a>"
    )
    text = f'<div class="text">{escape(post.message)}</div>' if post.message else ""
    link = ""
    if post.link:
        safe = escape(post.link)
        link = f'<a class="link" href="{safe}" rel="noopener nofollow ugc">{safe}</a>'
    images = "".join(
        f'<img src="{base}/_pictures/{escape(photo.file)}" alt="{escape(photo.alt)}">'
        for photo in photos
    )
    album = f'<div class="photos">{images}</div>' if images else ""
    return f'<article class="card">{_head(page, base, when, raw=True)}{text}{link}{album}</article>'


def avatar(page_id: str) -> str:
    """Return a Page's picture: its first letter on its colour."""
    page = PAGES[page_id]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">'
        f'<rect width="96" height="96" fill="{page.colour}"/><text x="48" y="64" fill="#fff" '
        'font-family="sans-serif" font-size="46" text-anchor="middle">'
        f"{escape(page.name[0])}</text></svg>"
    )


def _person_link(person: Person, query: dict[str, str]) -> str:
    address = escape(urlencode({**query, "sim_person": person.id}))
    return f'<a href="?{address}">{escape(person.name)}</a>'


def _facts(page: Page) -> str:
    return f"{page.category}, {page.followers:,} followers"


def _head(page: Page, base: str, below: str, *, raw: bool = False) -> str:
    line = below if raw else escape(below)
    return (
        f'<div class="who"><img src="{base}/_pictures/avatar-{page.id}.svg" alt="">'
        f'<div><a href="{base}/{page.id}"><strong>{escape(page.name)}</strong></a>'
        f'<div class="grey">{line}</div></div></div>'
    )
