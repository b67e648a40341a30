"""A platform for tests, as a real plugin: a notice board whose whole behaviour tests decide.

``BOARD`` is the remote side. It rotates refresh tokens and remembers every reuse of an old one.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from palabre.sdk import (
    AuthProvider,
    Capability,
    PluginManifest,
    ScopeNeed,
    Secret,
    SecretText,
    hookimpl,
)
from palabre.sdk.connect import (
    AccountHealth,
    ConnectCallback,
    ConnectRedirect,
    ConnectStart,
    RemoteAccount,
    TokenGrant,
)
from palabre.sdk.context import CallContext
from palabre.sdk.errors import AuthExpired, AuthRevoked, PermissionMissing, PluginError

KEY = "noticeboard"
SQUARE = "noticeboard.square"
SETTINGS = {"app_id": "board-app", "app_secret": "canary-app-secret"}


class AppSettings(Struct, frozen=True, kw_only=True):
    app_id: Annotated[str, Meta(min_length=1)]
    app_secret: SecretText


def remote(remote_id: str, name: str, **more: object) -> RemoteAccount:
    values = {"kind": "page", "url": f"https://board.example/{remote_id}", **more}
    return RemoteAccount(remote_id=remote_id, name=name, **values)  # type: ignore[arg-type]


class Board:
    """The remote side: what it lists, which tokens it accepts, what it does next."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.accounts = [
            remote("p1", "Page Teranga", username="teranga", followers=1200),
            remote("p2", "Page Test"),
            remote("p3", "Page Closed", connectable=False, reason_key="no_right"),
        ]
        self.own_tokens = False
        self.life: timedelta | None = timedelta(hours=2)
        self.subject = f"person-{secrets.token_hex(4)}"
        self.refresh_token: str | None = ""
        self.access = ""
        self.refresh_delay_s = 0.0
        self.gives_refresh = True
        self.calls: Counter[str] = Counter()
        self.reused = 0
        self.fails: dict[str, PluginError] = {}
        self.starts: list[ConnectStart] = []
        self.callbacks: list[ConnectCallback] = []
        self.health = AccountHealth(ok=True, scopes=("post",), followers=1300)
        self.revoked: list[str] = []
        self.seen_tokens: list[str] = []

    def enter(self, op: str) -> None:
        self.calls[op] += 1
        if op in self.fails:
            raise self.fails[op]

    def grant(self, now: datetime) -> TokenGrant:
        """Give new tokens; the refresh token before them is void."""
        self.access = f"canary-access-{secrets.token_hex(8)}"
        self.refresh_token = f"canary-refresh-{secrets.token_hex(8)}"
        return TokenGrant(
            access_token=Secret(self.access),
            refresh_token=Secret(self.refresh_token) if self.gives_refresh else None,
            expires_at=now + self.life if self.life is not None else None,
            scopes=("post",),
            subject_id=self.subject,
            subject_name="Awa",
        )


BOARD = Board()


class Auth(AuthProvider):
    key: ClassVar[str] = KEY
    platform: ClassVar[str] = "board"
    flow: ClassVar = "oauth2"

    async def start(self, ctx: CallContext, req: ConnectStart) -> ConnectRedirect:
        BOARD.enter("start")
        BOARD.starts.append(req)
        return ConnectRedirect(url=f"https://board.example/consent?state={req.state}")

    async def complete(self, ctx: CallContext, cb: ConnectCallback) -> TokenGrant:
        BOARD.enter("complete")
        BOARD.callbacks.append(cb)
        if cb.params.get("error"):
            raise PermissionMissing("declined", scopes=("post",), user_key="refused")
        if cb.params.get("code") != "good":
            raise AuthRevoked("no such code")
        return BOARD.grant(ctx.clock.now())

    async def accounts(self, ctx: CallContext, grant: TokenGrant) -> list[RemoteAccount]:
        BOARD.enter("accounts")
        if not BOARD.own_tokens:
            return list(BOARD.accounts)
        return [
            remote(
                one.remote_id,
                one.name,
                access_token=Secret(f"canary-page-{one.remote_id}-{secrets.token_hex(8)}"),
            )
            for one in BOARD.accounts
        ]

    async def refresh(self, ctx: CallContext, grant: TokenGrant) -> TokenGrant:
        BOARD.enter("refresh")
        if grant.refresh_token is None or grant.refresh_token.reveal() != BOARD.refresh_token:
            BOARD.reused += 1
            raise AuthRevoked("an old refresh token was used")
        given = BOARD.grant(ctx.clock.now())
        await asyncio.sleep(BOARD.refresh_delay_s)
        return given

    async def check(self, ctx: CallContext) -> AccountHealth:
        token = (await ctx.token()).secret.reveal()
        BOARD.seen_tokens.append(token)
        BOARD.enter("check")
        if not BOARD.own_tokens and token != BOARD.access:
            raise AuthExpired("an old access token was used")
        return BOARD.health

    async def revoke(self, ctx: CallContext, grant: TokenGrant) -> None:
        BOARD.enter("revoke")
        BOARD.revoked.append(grant.access_token.reveal())


class SquareAuth(Auth):
    key: ClassVar[str] = SQUARE
    platform: ClassVar[str] = "square"


@hookimpl
def palabre_manifest() -> PluginManifest:
    return PluginManifest(
        key=KEY,
        name="Notice board",
        api=(1, 0),
        capabilities=frozenset({Capability.CONNECT}),
        allowed_hosts=("board.example",),
        app_settings=AppSettings,
        scopes=(ScopeNeed(scope="post", capability=Capability.CONNECT, sentence_key="scope.post"),),
        refresh_style="rotating",
    )


@hookimpl
def palabre_auth_providers() -> Iterable[AuthProvider]:
    return [Auth(), SquareAuth()]


def install(folder: Path) -> None:
    """Write the metadata of a distribution that names this module, as an installer would."""
    info = folder / "palabre_noticeboard-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: palabre-noticeboard\nVersion: 1.0\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        f"[palabre.plugins]\n{KEY} = {__name__}\n", encoding="utf-8"
    )
