"""What the adapter's tests stand on: the simulator over real HTTP, and a plain context."""

import asyncio
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn

from palabre.net.client import Egress
from palabre.net.hosts import HostTable
from palabre.net.plugin_http import http_for
from palabre.sdk import MediaRef, Secret
from palabre.sdk.connect import (
    AccessToken,
    AccountRef,
    ConnectCallback,
    ConnectStart,
    RemoteAccount,
    TokenGrant,
)
from palabre.sdk.context import PluginHttp
from palabre.sdk.publish import PostKind, PostRequest
from palabre.simulators import host_table_text, simulator_app
from palabre_facebook.auth import FacebookAuth
from palabre_facebook.plugin import HOSTS, palabre_simulators
from palabre_facebook.scopes import REQUIRED_SCOPES
from palabre_facebook.settings import AppSettings
from palabre_facebook.simulator.app import DEMO_APP

REDIRECT = "https://palabre.example/hooks/callback/abc"
AWA, CLAIRE, MOUSSA = "10159384756102938", "10160293847561027", "10161827364509182"
TERANGA = "104837562918374"
SETTINGS = AppSettings(app_id=DEMO_APP["app_id"], app_secret=Secret(DEMO_APP["app_secret"]))


class Clock:
    """The real time, moved by ``ahead``."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class State:
    """``ctx.state`` in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.texts.get(key)

    async def put(self, key: str, value: str) -> None:
        self.texts[key] = value


class Log:
    """Keeps what is logged, as it would be written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(f"{event} {fields}")

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(f"{event} {fields}")


class Reader:
    """One file in memory."""

    def __init__(self, ref: MediaRef, content: bytes) -> None:
        self.ref = ref
        self._content = content

    async def read(self) -> bytes:
        return self._content

    async def chunks(self, size: int = 1 << 20) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), size):
            yield self._content[start : start + size]

    async def public_url(self, ttl_s: int = 3600) -> str:
        raise AssertionError("this adapter needs no public address")


class Context:
    """A ``CallContext`` for one account."""

    def __init__(self, http: PluginHttp, token: Secret, account: AccountRef | None = None) -> None:
        self.client_id = "client"
        self.account = account
        self.locale = "en"
        self.deadline = datetime.now(UTC) + timedelta(minutes=5)
        self.idempotency_key = "key"
        self.settings: Any = SETTINGS
        self.http: Any = http
        self.state: Any = State()
        self.log: Any = Log()
        self.clock: Any = Clock()
        self.files: dict[str, bytes] = {}
        self._token = token

    async def token(self) -> AccessToken:
        return AccessToken(secret=self._token)

    async def media(self, ref: MediaRef) -> Reader:
        return Reader(ref, self.files[ref.id])


class Facebook:
    """A running simulator, as tests use it."""

    def __init__(self, origin: str, egress: Egress) -> None:
        self.origin = origin
        self.egress = egress
        self.http = http_for(egress, "facebook", HOSTS)
        self.website = http_for(egress, "facebook", ("www.facebook.com",))

    def context(self, token: Secret, page: str | None = None) -> Context:
        """Return a context for a Page, or for the connect flow."""
        account = page and AccountRef(
            id="a", remote_id=page, name="P", kind="page", adapter="facebook", platform="facebook"
        )
        return Context(self.http, token, account or None)

    async def dialog(self, person: str = AWA, **more: str) -> Mapping[str, str]:
        """Walk the dialog without a click and return the query of the redirect."""
        ctx = self.context(Secret(""))
        start = ConnectStart(
            redirect_uri=REDIRECT, state="s-1", code_challenge="c", scopes=REQUIRED_SCOPES
        )
        url = (await FacebookAuth().start(ctx, start)).url
        extra = urlencode({"sim_person": person, "sim_decision": "approve", **more})
        answer = await self.website.request("GET", f"{url}&{extra}")
        assert answer.status == 302, answer.content
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}

    async def connect(self, person: str = AWA) -> TokenGrant:
        """Connect a person."""
        return await self.complete(dict(await self.dialog(person)))

    async def complete(self, params: dict[str, str], redirect: str = REDIRECT) -> TokenGrant:
        """Finish a connection with what came back."""
        back = ConnectCallback(params=params, redirect_uri=redirect, code_verifier="v")
        return await FacebookAuth().complete(self.context(Secret("")), back)

    async def page(self, page: str = TERANGA, person: str = AWA) -> Context:
        """Connect a person and return the context of one of their Pages."""
        grant = await self.connect(person)
        accounts = await FacebookAuth().accounts(self.context(grant.access_token), grant)
        token = next(a for a in accounts if a.remote_id == page).access_token
        assert token is not None
        return self.context(token, page)

    async def fault(self, kind: str, **more: Any) -> None:
        """Switch a fault on for the next request that fits."""
        rule = {"kind": kind, "path": "*/feed", "method": "POST", "count": 1, **more}
        answer = await self.http.request(
            "POST", "https://graph.facebook.com/_palabre/faults", json=rule
        )
        assert answer.status == 200, answer.content

    async def report(self) -> dict[str, Any]:
        """Return what the simulator holds."""
        url = "https://graph.facebook.com/_palabre/state"
        state: dict[str, Any] = (await self.http.request("GET", url)).json()
        return state

    async def posts(self) -> list[dict[str, Any]]:
        """Return the visible posts."""
        return [post for post in (await self.report())["posts"] if not post["deleted"]]


@asynccontextmanager
async def running_facebook(state_dir: Path) -> AsyncIterator[Facebook]:
    """Serve the simulator on an ephemeral port of this machine."""
    # With the protocol named, asyncio sets TCP_NODELAY on what it accepts: 40 ms per call less.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    simulators = list(palabre_simulators())
    app = simulator_app(simulators, origin, state_dir)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    egress = Egress(HostTable.parse(host_table_text(simulators, origin)))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        yield Facebook(origin, egress)
    finally:
        await egress.aclose()
        server.should_exit = True
        await serving


def png(width: int = 4, height: int = 3, shade: int = 128) -> bytes:
    """Return a small grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * width) * height
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def text_post(text: str, **more: Any) -> PostRequest:
    """Return a text post."""
    return PostRequest(publication_id="p", kind="text", text=text, **more)


def photo_post(ctx: Context, text: str, count: int) -> PostRequest:
    """Return a post with ``count`` photos, their bytes laid into ``ctx``."""
    media = tuple(
        MediaRef(id=f"m{n}", content_type="image/png", size=80, alt_text=f"Photo {n}")
        for n in range(count)
    )
    for n, ref in enumerate(media):
        ctx.files[ref.id] = png(shade=n * 20)
    kind: PostKind = "image" if count == 1 else "carousel"
    return PostRequest(publication_id="p", kind=kind, text=text, media=media)


def by_name(accounts: list[RemoteAccount]) -> dict[str, RemoteAccount]:
    """Index accounts by their name."""
    return {account.name: account for account in accounts}
