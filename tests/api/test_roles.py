"""Every operation against every kind of caller: the answer is what the table of actions says.

Made from the routes of the application, so that a new operation is tried by itself. Rows are named
by ids nobody has: whoever gets past the door finds nothing, but is not refused.
"""

import base64
import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from litestar import Litestar
from litestar.routes import HTTPRoute
from msgspec import Struct
from sqlalchemy import text

from palabre.base.ids import new_id
from palabre.db.scope import Actor, Scope
from palabre.domains.identity.actions import ACTIONS, KEY_ACTIONS, ROLES, Need, Role
from palabre.domains.identity.tokens import Tokens
from palabre.domains.keys import service as keys
from palabre.domains.keys.service import NewKey
from palabre.domains.runtime import Runtime
from tests.isolation.matrix import seed_of_the_run
from tests.support.api import SIGNING_KEY, Api, World, make_client, make_person, sign_in

FORGERIES: Final = 2000
REFUSED: Final = {
    "not_signed_in",
    "session_ended",
    "role_too_low",
    "key_not_allowed",
    "key_scope_missing",
    "key_not_accepted",
    "key_publishable",
    "too_many_requests",
}
"""Codes of the door; whatever else comes back was said behind it."""
LAST: Final = ("signOut",)
"""Ends the session it is called in."""


class Operation(Struct, frozen=True, kw_only=True):
    """One route for signed-in callers."""

    id: str
    method: str
    path: str
    action: str
    body: str

    @property
    def need(self) -> Need:
        return ACTIONS[self.action]

    @property
    def on_client(self) -> bool:
        return "{client_id" in self.path


Expected = Callable[[Operation], str]
"""The code the door answers an operation with; empty when it lets the call through."""


def operations(app: Litestar) -> list[Operation]:
    """Return every route that needs a caller."""
    found = [
        Operation(
            id=str(handler.operation_id),
            method=method,
            path=route.path,
            action=handler.opt["action"],
            body=handler.opt["body"],
        )
        for route in app.routes
        for handler in (route.route_handlers if isinstance(route, HTTPRoute) else [])
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
        if "action" in handler.opt
    ]
    return sorted(found, key=lambda operation: (operation.id in LAST, operation.id))


def person(on_client: Role | None, on_agency: Role | None, *, known: bool = True) -> Expected:
    """Return what the table says of somebody with these roles; ``known``: in this agency."""

    def expected(operation: Operation) -> str:
        need = operation.need
        held = [role for role in (on_client, on_agency) if role]
        if need.on == "client":
            if not held or not known:
                return "not_found"
            return "" if max(map(ROLES.index, held)) >= ROLES.index(need.role) else "role_too_low"
        if need.on == "agency":
            enough = on_agency and ROLES.index(on_agency) >= ROLES.index(need.role)
            return "" if enough else "role_too_low"
        return ""

    return expected


def key(*, scoped: bool, own: bool = True) -> Expected:
    """Return what the table says of an API key."""

    def expected(operation: Operation) -> str:
        if operation.action not in KEY_ACTIONS:
            return "key_not_allowed"
        if not own:
            return "not_found"
        return "" if scoped else "key_scope_missing"

    return expected


async def try_one(api: Api, world: World, operation: Operation) -> httpx.Response:
    """Call an operation with ids nobody has and an empty body."""
    values = {"client_id": str(world.client_id), "key": "nothing"}
    path = re.sub(r"\{(\w+)[^}]*\}", lambda h: values.get(h[1], str(new_id())), operation.path)
    options: dict[str, Any] = {}
    if operation.method in {"POST", "PUT", "PATCH"}:
        if operation.body == "json":
            options["json"] = {}
        elif operation.body == "multipart":
            options["files"] = {"other": ("a.txt", b"a")}
    return await api.call(operation.method, path, **options)


def judge(operation: Operation, answer: httpx.Response, expected: str) -> str | None:
    """Return what is wrong with an answer."""
    told = answer.json()["error"]["code"] if answer.status_code >= 400 else ""
    if expected:
        return None if told == expected else f"expected {expected}, got {told or 'success'}"
    names_row = len(re.findall(r"\{", operation.path)) > operation.on_client
    if told in REFUSED or (told == "not_found" and not names_row):
        return f"expected to pass, got {told}"
    return None if answer.status_code < 500 else f"failed: {told}"


async def callers(runtime: Runtime, world: World) -> dict[str, tuple[str | None, Expected]]:
    """Return every kind of caller: their credential and what the table says of them."""
    everybody: dict[str, tuple[str | None, Expected]] = {
        "viewer": (await sign_in(runtime, world.viewer), person("viewer", None)),
        "editor": (await sign_in(runtime, world.editor), person("editor", None)),
        "admin": (await sign_in(runtime, world.admin), person("admin", None)),
        "owner": (await sign_in(runtime, world.owner), person(None, "owner")),
        "stranger": (
            await sign_in(runtime, world.stranger),
            person(None, "owner", known=False),
        ),
    }
    for role in ("viewer", "editor", "admin"):
        someone = await make_person(runtime, world.agency, role)  # type: ignore[arg-type]
        everybody[f"{role} of the agency"] = (
            await sign_in(runtime, someone),
            person(None, role),  # type: ignore[arg-type]
        )
    colleague = await make_person(runtime, world.agency, "admin", world.neighbour_id)
    everybody["colleague"] = (await sign_in(runtime, colleague), person(None, None))
    other = await make_client(runtime, world.agency, "Third")
    every = sorted(KEY_ACTIONS)
    everybody |= {
        "key": (await make_key(runtime, world, world.client_id, every), key(scoped=True)),
        "key without": (await bare_key(runtime, world), key(scoped=False)),
        "key elsewhere": (
            await make_key(runtime, world, other, every),
            key(scoped=True, own=False),
        ),
        "publishable key": (
            await make_key(runtime, world, other, [], kind="publishable"),
            lambda _: "key_publishable",
        ),
    }
    everybody |= {
        name: (token, lambda _: "not_signed_in")
        for name, token in (await wrong_tokens(runtime, world)).items()
    }
    return everybody


async def make_key(
    runtime: Runtime, world: World, client_id: Any, scopes: list[str], kind: Any = "secret"
) -> str:
    """Return the text of a new key."""
    origins = ["https://teranga.example"] if kind == "publishable" else []
    scope = Scope.of_client(world.agency.id, client_id, Actor(kind="user", id=world.owner.id))
    new = NewKey(kind=kind, name=new_id().hex, scopes=scopes, origins=origins)
    async with runtime.database.transaction(scope) as tx:
        return (await keys.create(tx, runtime, new))[1]


async def bare_key(runtime: Runtime, world: World) -> str:
    """Return a key that was given a right once and has none any more."""
    spelled = await make_key(runtime, world, world.client_id, ["pieces.read"])
    scope = Scope.of_client(world.agency.id, world.client_id)
    async with runtime.database.transaction(scope) as tx:
        bare = text("UPDATE api_keys SET scopes = '[]' WHERE kid = :kid")
        await tx.execute(bare, {"kid": spelled.split("_")[2]})
    return spelled


async def wrong_tokens(runtime: Runtime, world: World) -> dict[str, str | None]:
    """Return credentials of the owner that are each wrong in one way."""
    token, now = await sign_in(runtime, world.owner), runtime.clock.now()
    tokens = Tokens(SIGNING_KEY)
    own = tokens._key  # a forger who has it would need no forgery
    claims = tokens.read(token, now)
    body = json.loads(unpack(token.split(".")[1]))
    expired = tokens.sign(claims, now - timedelta(hours=1))
    header = {"alg": "Ed25519", "typ": "at+jwt"}

    def signed(header: dict[str, str], **changes: object) -> str:
        return jwt.encode(header, {**body, **changes}, own, algorithms=["Ed25519", "EdDSA"])

    return {
        "anonymous": None,
        "expired": expired,
        "wrong audience": signed(header, aud="other-api"),
        "wrong issuer": signed(header, iss="somebody"),
        "wrong type": signed({**header, "typ": "JWT"}),
        "algorithm none": f"{pack({'alg': 'none', 'typ': 'at+jwt'})}.{pack(body)}.",
        "HS256 with our public key": hs256(own.as_pem(private=False), body),
        "EdDSA": signed({**header, "alg": "EdDSA"}),
    }


def hs256(secret: bytes, body: dict[str, Any]) -> str:
    """Sign with a text everybody knows, as if it were a shared secret."""
    header = {"alg": "HS256", "typ": "at+jwt"}
    shared = OctKey.import_key(base64.urlsafe_b64encode(secret))
    return jwt.encode(header, body, shared, algorithms=["HS256"])


def pack(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unpack(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def test_every_operation_answers_every_caller_as_the_table_says(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    wrong, tried, every = [], 0, operations(app)
    for name, (token, expected) in (await callers(runtime, world)).items():
        api = Api(app, token, ip=f"10.9.0.{len(name)}")
        for n, operation in enumerate(every):
            if n % 80 == 0:
                await runtime.redis.flushdb()  # keys have a hundred calls
            answer = await try_one(api, world, operation)
            problem = judge(operation, answer, expected(operation))
            tried += 1
            if problem:
                wrong.append((name, operation.id, answer.status_code, problem))
        await api.http.aclose()
    assert wrong == []
    assert tried >= 21 * len(every)
    assert len(every) >= 60


async def test_two_thousand_forged_tokens_open_nothing(
    app: Litestar, runtime: Runtime, world: World
) -> None:
    rng = random.Random(seed_of_the_run())  # repeatable forgeries
    token = await sign_in(runtime, world.owner)
    assert (await Api(app, token).get("/v1/me")).status_code == 200
    api, accepted = Api(app), []
    for _ in range(FORGERIES):
        forged = forge(token, rng)
        answer = await api.get("/v1/me", headers={"authorization": f"Bearer {forged}"})
        if answer.status_code != 401:
            accepted.append((forged, answer.status_code))
    assert accepted == []


def forge(token: str, rng: random.Random) -> str:
    """Return a token that was not signed by us, in one of many ways."""
    head, payload, signature = token.split(".")
    header, body = json.loads(unpack(head)), json.loads(unpack(payload))
    attacker = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
    raw = base64.urlsafe_b64encode(attacker.public_key().public_bytes_raw()).rstrip(b"=").decode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": raw}
    body = rng.choice([body, {**body, "sub": str(new_id())}, {**body, "exp": body["exp"] + 9999}])

    def by_attacker(header: dict[str, Any]) -> str:
        signing = f"{pack(header)}.{pack(body)}"
        signed = attacker.sign(signing.encode())
        return f"{signing}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"

    def flipped(part: str) -> str:
        raw = bytearray(unpack(part))
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        return base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()

    public = OKPKey.import_key(Tokens(SIGNING_KEY)._key.as_dict(private=False))
    changed = pack({**body, "version": body["version"] + rng.randrange(1, 9)})
    ways: list[Callable[[], str]] = [
        lambda: by_attacker(header),
        lambda: by_attacker({**header, "jwk": jwk}),
        lambda: by_attacker({**header, "jku": "https://attacker.example/keys"}),
        lambda: by_attacker({**header, "kid": rng.choice(["", "../../dev/null", "' OR 1=1"])}),
        lambda: by_attacker({**header, "alg": "EdDSA"}),
        lambda: by_attacker({**header, "crit": ["exp"]}),
        lambda: (
            f"{pack({**header, 'alg': rng.choice(['none', 'None', 'NONE', ''])})}.{pack(body)}."
        ),
        lambda: f"{pack({**header, 'alg': 'none'})}.{payload}.{signature}",
        lambda: f"{head}.{changed}.{signature}",
        lambda: f"{head}.{flipped(payload)}.{signature}",
        lambda: f"{head}.{payload}.{flipped(signature)}",
        lambda: f"{head}.{payload}.{signature[: rng.randrange(len(signature))]}",
        lambda: f"{head}.{payload}.",
        lambda: f"{head}.{payload}",
        lambda: hs256(public.as_pem(private=False), body),
        lambda: hs256(json.dumps(public.as_dict(private=False)).encode(), body),
        lambda: hs256(b"palabre" + rng.randbytes(25), body),
        lambda: f"{pack({**header, 'typ': 'JWT'})}.{payload}.{signature}",
        lambda: rng.randbytes(60).hex(),
    ]
    return rng.choice(ways)()
