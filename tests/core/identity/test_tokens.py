"""Access tokens, passwords, limits and settings below the API."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from redis.asyncio import Redis

from palabre.base.errors import Invalid, NotSignedIn, TooMany
from palabre.base.ids import new_id
from palabre.base.settings import SettingsError, load
from palabre.domains.agencies.service import slugify
from palabre.domains.identity import passwords
from palabre.domains.identity.actions import ACTIONS, ROLES, reaches
from palabre.domains.identity.limits import Limit, Limiter
from palabre.domains.identity.tokens import Claims, Tokens

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKENS = Tokens("k" * 32)
CLAIMS = Claims(user_id=new_id(), session_id=new_id(), agency_id=new_id(), version=1)


def _body(**change: object) -> dict[str, object]:
    whole = {
        "iss": "palabre",
        "aud": "palabre-api",
        "sub": str(new_id()),
        "sid": str(new_id()),
        "agency": str(new_id()),
        "version": 1,
        "exp": int(NOW.timestamp()) + 60,
    }
    return {name: value for name, value in {**whole, **change}.items() if value is not None}


def _ours(body: dict[str, object], **header: str) -> str:
    return jwt.encode(
        {"alg": "Ed25519", "typ": "at+jwt", **header}, body, TOKENS._key, algorithms=["Ed25519"]
    )


def test_a_token_is_read_back_until_it_ends() -> None:
    token = TOKENS.sign(CLAIMS, NOW)
    assert TOKENS.read(token, NOW + timedelta(minutes=14)) == CLAIMS
    with pytest.raises(NotSignedIn):
        TOKENS.read(token, NOW + timedelta(minutes=16))


@pytest.mark.parametrize(
    "token",
    [
        _ours(_body(aud="another")),
        _ours(_body(iss="another")),
        _ours(_body(exp=None)),
        _ours(_body(sid=None)),
        _ours(_body(sub="no uuid")),
        _ours(_body(), typ="JWT"),
        jwt.encode({"alg": "HS256", "typ": "at+jwt"}, _body(), OctKey.import_key("k" * 32)),
        jwt.encode(
            {"alg": "Ed25519", "typ": "at+jwt"},
            _body(),
            OKPKey.generate_key("Ed25519"),
            algorithms=["Ed25519"],
        ),
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.",
        TOKENS.sign(CLAIMS, NOW)[:-2],
        Tokens("another key, also long enough here").sign(CLAIMS, NOW),
    ],
)
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(NotSignedIn):
        TOKENS.read(token, NOW)


def test_a_successor_needs_our_key() -> None:
    assert TOKENS.successor("a") == TOKENS.successor("a") != TOKENS.successor("b")
    assert Tokens("another key, also long enough here").successor("a") != TOKENS.successor("a")


async def test_a_password_matches_itself_only() -> None:
    known = await passwords.hashed("correct horse battery")
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.matches("correct horse battery", known)
    assert not await passwords.matches("correct horse batterz", known)
    assert not await passwords.matches("correct horse battery", None)
    assert not passwords.outdated(known)
    assert passwords.outdated("$argon2id$v=19$m=4096,t=1,p=1$x$y")


@pytest.mark.parametrize("password", ["short", "a" * 20, "awa@baobab.example", "x" * 201])
def test_passwords_that_are_too_easy(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(password, "awa@baobab.example")


@pytest.mark.parametrize("away", [False, True])
async def test_a_limit_holds_with_and_without_redis(redis_url: str, *, away: bool) -> None:
    redis: Redis = Redis.from_url("redis://127.0.0.1:1/0" if away else redis_url)
    limiter, limit = (
        Limiter(redis, processes=1),
        Limit(name=f"t{new_id().hex}", count=2, window_s=60),
    )
    await limiter.take(limit, NOW, "ip", "account")
    await limiter.give_back(limit, "ip", "account")
    await limiter.take(limit, NOW, "ip", "account")
    await limiter.take(limit, NOW, "ip", "account")
    with pytest.raises(TooMany) as refused:
        await limiter.take(limit, NOW, "other ip", "account")
    assert "T12:0" in refused.value.details["retry_at"]
    await limiter.take(limit, NOW, "other ip")
    await redis.aclose()


def test_roles_rise() -> None:
    for held in ROLES:
        for needed in ROLES:
            assert reaches(held, needed) == (ROLES.index(held) >= ROLES.index(needed))
    assert not reaches(None, "viewer")
    assert all(need.role in ROLES for need in ACTIONS.values())


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café Ndar & Fils", "cafe-ndar-fils"),
        ("  L’Œuvre — Élan!  ", "loeuvre-elan"),
        ("Straße 7", "strasse-7"),
        ("日本", "client"),
        ("a" * 80, "a" * 60),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert slugify(name) == slug


ENVIRONMENT = {
    "PALABRE_ENV": "test",
    "PALABRE_PUBLIC_URL": "http://127.0.0.1:8800",
    "PALABRE_MASTER_KEY": "m1:x",
    "PALABRE_SIGNING_KEY": "k" * 32,
    "DATABASE_URL": "postgresql://x",
    "REDIS_URL": "redis://x",
}


def test_settings_are_read() -> None:
    settings = load(
        {**ENVIRONMENT, "PALABRE_PLUGIN_FACEBOOK__APP_ID": "1", "PALABRE_TRUSTED_PROXIES": "a, b"}
    )
    assert settings.plugin_fields == {"facebook": {"app_id": "1"}}
    assert settings.trusted_proxies == ("a", "b")
    assert "kkkk" not in repr(settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PALABRE_DEBUG": "1"}, "PALABRE_DEBUG"),
        ({"PALABRE_PLUGIN_FACEBOOK": "1"}, "PALABRE_PLUGIN_FACEBOOK"),
        ({"PALABRE_ENV": "staging"}, "PALABRE_ENV"),
        ({"PALABRE_ENV": "production"}, "https://"),
        ({"PALABRE_SIGNING_KEY": "short"}, "PALABRE_SIGNING_KEY"),
        ({"PALABRE_SIGNING_KEY_FILE": "/x"}, "not both"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
    ],
)
def test_an_environment_that_cannot_be_used_refuses(change: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load({**ENVIRONMENT, **change})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("f" * 40 + "\n")
    rest = {name: value for name, value in ENVIRONMENT.items() if name != "PALABRE_SIGNING_KEY"}
    assert load({**rest, "PALABRE_SIGNING_KEY_FILE": str(file)}).signing_key == "f" * 40
