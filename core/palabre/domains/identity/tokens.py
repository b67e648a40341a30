"""Access tokens: short-lived JWTs signed with Ed25519, and the random texts of sessions."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from msgspec import Struct

from palabre.base.errors import NotSignedIn

ACCESS_LIFE: Final = timedelta(minutes=15)
ISSUER: Final = "palabre"
AUDIENCE: Final = "palabre-api"
_TYPE: Final = "at+jwt"
_ALGORITHMS: Final = ["Ed25519"]


class Claims(Struct, frozen=True, kw_only=True):
    """What an access token says: who, in which session, for which agency."""

    user_id: UUID
    session_id: UUID
    agency_id: UUID
    version: int


class Tokens:
    """Signs and reads tokens with keys derived from the installation's signing secret."""

    def __init__(self, signing_key: str) -> None:
        private = Ed25519PrivateKey.from_private_bytes(_derive(signing_key, b"palabre access jwt"))
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._key = OKPKey.import_key(pem)
        self._rotation = _derive(signing_key, b"palabre refresh rotation")

    def sign(self, claims: Claims, now: datetime) -> str:
        """Return the access token of ``claims``; it ends ``ACCESS_LIFE`` after ``now``."""
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "agency": str(claims.agency_id),
            "version": claims.version,
            "iat": int(now.timestamp()),
            "exp": int((now + ACCESS_LIFE).timestamp()),
            "jti": secrets.token_hex(8),
        }
        header = {"alg": "Ed25519", "typ": _TYPE}
        return jwt.encode(header, body, self._key, algorithms=_ALGORITHMS)

    def read(self, token: str, now: datetime) -> Claims:
        """Return what a token says.

        Raises:
            NotSignedIn: It was not signed by us for this API, or it has ended.
        """
        try:
            read = jwt.decode(token, self._key, algorithms=_ALGORITHMS)
            _check(read.header, read.claims, now)
            return _claims(read.claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotSignedIn("not_signed_in") from error

    def successor(self, refresh_token: str) -> str:
        """Return the refresh token that follows ``refresh_token``, the same one at every call."""
        digest = hmac.new(self._rotation, refresh_token.encode(), hashlib.sha256).digest()
        return f"r1_{digest.hex()}"


def new_secret() -> str:
    """Return a random text of 256 bits, safe in URLs."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """Return what is stored of a random text: SHA-256 suffices at 256 bits of randomness."""
    return hashlib.sha256(secret.encode()).digest()


def _check(header: dict[str, Any], body: dict[str, Any], now: datetime) -> None:
    if header.get("typ") != _TYPE:
        raise ValueError("not an access token")
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
        sub={"essential": True},
        sid={"essential": True},
    )
    registry.validate(body)


def _claims(body: dict[str, Any]) -> Claims:
    return Claims(
        user_id=UUID(body["sub"]),
        session_id=UUID(body["sid"]),
        agency_id=UUID(body["agency"]),
        version=int(body["version"]),
    )


def _derive(signing_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(signing_key.encode())
