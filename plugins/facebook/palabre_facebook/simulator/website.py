"""The www host: the login dialog, the Pages, their posts and pictures."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from palabre_facebook.simulator import html
from palabre_facebook.simulator.answers import GraphRefusal
from palabre_facebook.simulator.login import APP_NAME, Login
from palabre_facebook.simulator.people import PAGES, PEOPLE, Page
from palabre_facebook.simulator.state import Photo, Post, Store


class Website:
    """Answers everything below ``www.facebook.com``."""

    def __init__(self, store: Store, login: Login, base: str) -> None:
        """Serve the site; ``base`` is where a browser reaches it."""
        self._store = store
        self._login = login
        self._base = base

    async def serve(self, request: Request, path: str) -> Response:
        """Answer one request."""
        if path.endswith("dialog/oauth"):
            return await self._dialog(request)
        if path.startswith("_pictures/"):
            return self._picture(path.removeprefix("_pictures/"))
        if not path:
            return HTMLResponse(html.home(self._base))
        return self._page_or_post(path.strip("/"))

    async def _dialog(self, request: Request) -> Response:
        query = dict(request.query_params)
        try:
            scopes = self._login.check_dialog(query)
        except GraphRefusal as refusal:
            return HTMLResponse(html.problem(str(refusal)), 400)
        person = query.get("sim_person", "")
        person = person if person in PEOPLE else next(iter(PEOPLE))
        decision, allowed = query.get("sim_decision", ""), scopes
        if request.method == "POST":
            form = await request.form()
            decision = str(form.get("decision", ""))
            chosen = str(form.get("person", ""))
            person = chosen if chosen in PEOPLE else person
            allowed = [str(scope) for scope in form.getlist("scope")]
        if decision == "approve":
            return RedirectResponse(self._login.agree(query, person, allowed), 302)
        if decision == "deny":
            return RedirectResponse(self._login.decline(query), 302)
        return HTMLResponse(html.dialog(APP_NAME, person, scopes, query))

    def _picture(self, name: str) -> Response:
        page_id = name.removeprefix("avatar-").removesuffix(".svg")
        if page_id in PAGES:
            return Response(html.avatar(page_id), media_type="image/svg+xml")
        content = self._store.picture(name)
        if content is None:
            return HTMLResponse(html.problem("There is no such picture."), 404)
        kinds = {photo.file: photo.content_type for photo in self._store.data.photos.values()}
        return Response(content, media_type=kinds[name])

    def _page_or_post(self, name: str) -> Response:
        page = next((p for p in PAGES.values() if name in (p.id, p.username)), None)
        if page is not None:
            posts = [(post, self._photos(post)) for post in self._store.posts_of(page.id)]
            return HTMLResponse(html.feed(page, posts, self._base))
        photo = self._store.data.photos.get(name)
        post = self._store.data.posts.get(photo.post if photo else name)
        if post is None or post.deleted:
            return HTMLResponse(html.problem("This content isn't available right now."), 404)
        owner: Page = PAGES[post.page]
        return HTMLResponse(html.single(owner, post, self._photos(post), self._base))

    def _photos(self, post: Post) -> list[Photo]:
        return [self._store.data.photos[photo_id] for photo_id in post.photos]


def state_report(store: Store) -> dict[str, Any]:
    """Return what the simulator holds, for people and tests; no token and no code."""
    return {
        "pages": [{"id": page.id, "name": page.name} for page in PAGES.values()],
        "posts": [
            {
                "id": post.id,
                "page": post.page,
                "message": post.message,
                "link": post.link,
                "photos": post.photos,
                "created": post.created,
                "deleted": post.deleted,
            }
            for post in store.data.posts.values()
        ],
        "photos": [
            {"id": photo.id, "page": photo.page, "alt": photo.alt, "post": photo.post}
            for photo in store.data.photos.values()
        ],
        "receipts": [
            {"at": r.at, "page": r.page, "edge": r.edge, "message": r.message, "result": r.result}
            for r in store.data.receipts
        ],
        "calls": [
            {"at": c.at, "method": c.method, "path": c.path, "status": c.status}
            for c in store.calls
        ],
    }
