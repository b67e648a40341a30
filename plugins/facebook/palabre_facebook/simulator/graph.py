"""The Graph host: versions, tokens, routing of paths to what answers them."""

import json
import re
from typing import Any, Final

from msgspec import Struct
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from palabre_facebook.simulator.answers import GraphRefusal, graph_answer
from palabre_facebook.simulator.edges import Edges, page_object, pick
from palabre_facebook.simulator.html import avatar
from palabre_facebook.simulator.login import Login
from palabre_facebook.simulator.people import PAGES, PEOPLE
from palabre_facebook.simulator.state import Store, Token

NEWEST: Final = 26
OLDEST: Final = 20
_VERSION: Final = re.compile(r"^v(\d+)\.\d+$")
PUBLISHING: Final = frozenset({"feed", "photos"})


class Ask(Struct, kw_only=True):
    """A request, taken apart: query and form in one, as Graph treats them."""

    method: str
    version: str
    parts: list[str]
    fields: dict[str, str]
    files: dict[str, bytes]
    token: str


class GraphHost:
    """Answers everything below ``graph.facebook.com``."""

    def __init__(self, store: Store, login: Login, edges: Edges) -> None:
        """Route to login and edges."""
        self._store = store
        self._login = login
        self._edges = edges

    async def serve(self, request: Request, path: str) -> Response:
        """Answer one request."""
        ask = await _read(request, path)
        if ask.parts[1:] == ["picture"] and ask.parts[0] in PAGES:
            return Response(avatar(ask.parts[0]), media_type="image/svg+xml")
        page = ask.parts[0] if ask.parts and ask.parts[0] in PAGES else ""
        try:
            body = self._route(ask)
        except GraphRefusal as refusal:
            self._note(ask, f"error {refusal.code}")
            status = refusal.status
            return graph_answer(refusal.envelope, version=ask.version, page=page, status=status)
        except ValueError:
            wrong = GraphRefusal(100, "(#100) A parameter has the wrong form.")
            return graph_answer(wrong.envelope, version=ask.version, page=page, status=400)
        self._note(ask, str(body.get("post_id") or body.get("id", "")))
        return graph_answer(body, version=ask.version, page=page)

    def _note(self, ask: Ask, result: str) -> None:
        if ask.method == "POST" and ask.parts[1:] and ask.parts[1] in PUBLISHING:
            text = ask.fields.get("message") or ask.fields.get("caption", "")
            self._store.note_receipt(ask.parts[0], ask.parts[1], text, result)

    def _route(self, ask: Ask) -> dict[str, Any]:
        match (ask.method, ask.parts):
            case (_, ["oauth", "access_token"]):
                return self._login.exchange(ask.fields)
            case ("GET", ["debug_token"]):
                return self._login.inspect(ask.fields.get("input_token", ""), ask.token)
        number = _VERSION.match(ask.version)
        if number is None or not OLDEST <= int(number[1]) <= NEWEST:
            raise GraphRefusal(2500, f"Unknown path components: /{'/'.join(ask.parts)}")
        token = self._login.authenticate(ask.token, ask.fields.get("appsecret_proof", ""))
        return self._route_person(ask, token) or self._route_page(ask, token)

    def _route_person(self, ask: Ask, token: Token) -> dict[str, Any] | None:
        me = ask.parts[:1] in (["me"], [token.person])
        match (ask.method, ask.parts[1:] if me else ["-"]):
            case ("GET", []):
                person = PEOPLE[token.person]
                name = PAGES[token.page].name if token.page else person.name
                whole = {"id": token.page or person.id, "name": name}
                return pick(whole, ask.fields.get("fields", "id,name"))
            case ("GET", ["accounts"]):
                return self._accounts(ask, token)
            case ("GET", ["permissions"]):
                return self._login.permissions(token)
            case ("DELETE", ["permissions"]):
                return self._login.withdraw(token)
            case ("DELETE", ["permissions", permission]):
                return self._login.withdraw(token, permission)
        return None

    def _accounts(self, ask: Ask, token: Token) -> dict[str, Any]:
        """List the Pages with cursors; ``limit`` is honoured so that paging can be tried."""
        rows = [{**page_object(row["id"]), **row} for row in self._login.pages(token)]
        start = int(ask.fields.get("after", "0"))
        end = start + int(ask.fields.get("limit", "25"))
        wanted = ask.fields.get("fields", "id,name,category,access_token,tasks")
        body: dict[str, Any] = {"data": [pick(row, wanted) for row in rows[start:end]]}
        body["paging"] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            query = f"fields={wanted}&limit={end - start}&after={end}"
            address = f"https://graph.facebook.com/{ask.version}/me/accounts?{query}"
            body["paging"]["next"] = address
        return body

    def _route_page(self, ask: Ask, token: Token) -> dict[str, Any]:
        match (ask.method, ask.parts):
            case ("POST", [page, "feed"]):
                return self._edges.publish_feed(token, page, ask.fields)
            case ("POST", [page, "photos"]):
                source = ask.files.get("source")
                return self._edges.publish_photo(token, page, ask.fields, source)
            case ("GET", [page, "posts" | "published_posts" | "feed"]):
                return self._edges.posts(token, page, ask.fields, ask.version)
            case ("GET", [object_id]):
                return self._edges.read(token, object_id, ask.fields.get("fields", ""))
            case ("DELETE", [object_id]):
                return self._edges.delete(token, object_id)
        raise GraphRefusal(2500, f"Unknown path components: /{'/'.join(ask.parts[1:])}")


async def _read(request: Request, path: str) -> Ask:
    """Take a request apart; Graph accepts query, form, multipart and JSON alike."""
    parts = [part for part in path.split("/") if part]
    version = parts.pop(0) if parts and _VERSION.match(parts[0]) else f"v{NEWEST}.0"
    fields = dict(request.query_params)
    files: dict[str, bytes] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        fields |= {name: _as_text(value) for name, value in (await request.json()).items()}
    elif kind:
        async with request.form(max_part_size=64 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                else:
                    fields[name] = value
    header = request.headers.get("authorization", "").partition(" ")[2]
    token = header or fields.get("access_token", "")
    return Ask(
        method=request.method,
        version=version,
        parts=parts,
        fields=fields,
        files=files,
        token=token,
    )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
