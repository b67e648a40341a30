"""How API keys are written: ``pal_live_<kid>_<secret>_<crc>`` and ``pal_pub_<kid>_<crc>``.

``PATTERN`` is published for scanners that look for leaked secrets. The checksum lets them, and us,
refuse what only looks like a key without asking a database.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

Kind = Literal["secret", "publishable"]
PATTERN: Final = r"pal_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}"
_PREFIX: Final[dict[Kind, str]] = {"secret": "pal_live", "publishable": "pal_pub"}
_KID: Final = 12
_SECRET: Final = 43
"""Characters out of 62: 71 bits that name the key, 256 that prove it."""
_SUM: Final = 6
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_KEY: Final = re.compile(PATTERN)
_PUBLISHABLE_KEY: Final = re.compile(r"pal_pub_[0-9A-Za-z]{12}_[0-9A-Za-z]{6}")


class Written(Struct, frozen=True, kw_only=True):
    """A key that somebody sent: its kind, its public part, its secret (publishable: empty)."""

    kind: Kind
    kid: str
    secret: str = ""

    def __repr__(self) -> str:
        """Show the public part alone."""
        return f"Written({self.kid})"


def make(kind: Kind) -> tuple[Written, str]:
    """Return a new key and its text."""
    secret = _random(_SECRET) if kind == "secret" else ""
    written = Written(kind=kind, kid=_random(_KID), secret=secret)
    return written, spell(written)


def spell(written: Written) -> str:
    """Return the text of a key."""
    body = "_".join(filter(None, (_PREFIX[written.kind], written.kid, written.secret)))
    return f"{body}_{_checksum(body)}"


def read(text: str) -> Written | None:
    """Return the key a text is, None when it is none or its checksum is wrong."""
    kind: Kind = "publishable" if text.startswith("pal_pub_") else "secret"
    form = _PUBLISHABLE_KEY if kind == "publishable" else _SECRET_KEY
    if not form.fullmatch(text):
        return None
    body, _, checksum = text.rpartition("_")
    if checksum != _checksum(body):
        return None
    parts = body.split("_")
    return Written(kind=kind, kid=parts[2], secret=parts[3] if kind == "secret" else "")


class Pepper:
    """Turns the secret of a key into what is stored, with a key only this installation has.

    A slow hash is unnecessary: nobody guesses 256 random bits.
    """

    def __init__(self, signing_key: str) -> None:
        info = b"palabre api key pepper"
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
        self._key = derive.derive(signing_key.encode())

    def hash(self, written: Written) -> bytes:
        """Return HMAC-SHA-256 of public part and secret; empty for a publishable key."""
        if written.kind == "publishable":
            return b""
        text = f"{written.kid}_{written.secret}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).digest()

    def proves(self, written: Written, known: bytes) -> bool:
        """Tell whether the secret is that of the stored key."""
        return hmac.compare_digest(self.hash(written), known)


def _random(n: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(n))


def _checksum(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(_SUM):
        value, digit = divmod(value, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
