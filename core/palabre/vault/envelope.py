"""The text format of a sealed secret and its cipher: AES-256-GCM bound to the place it is for."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
_NONCE = 12


class SealBroken(Exception):
    """A sealed text was altered, moved to another place, or sealed under an unknown key."""


def seal(key: bytes, kid: str, place: str, plain: bytes) -> str:
    """Return ``v1.<kid>.<nonce>.<ciphertext>``; it opens only with the same key and place."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, plain, _bound(place, kid))
    return ".".join((VERSION, kid, _text(nonce), _text(sealed)))


def kid_of(sealed: str) -> str:
    """Return the key id a text was sealed under.

    Raises:
        SealBroken: It is not a sealed text.
    """
    return _parts(sealed)[0]


def unseal(key: bytes, place: str, sealed: str) -> bytes:
    """Return the plain bytes.

    Raises:
        SealBroken: Wrong key, wrong place, or altered.
    """
    kid, nonce, body = _parts(sealed)
    try:
        return AESGCM(key).decrypt(nonce, body, _bound(place, kid))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("The sealed text does not belong here or was altered.") from error


def _bound(place: str, kid: str) -> bytes:
    return f"palabre|{VERSION}|{place}|{kid}".encode()


def _parts(sealed: str) -> tuple[str, bytes, bytes]:
    parts = sealed.split(".")
    if len(parts) != 4 or parts[0] != VERSION:  # noqa: PLR2004  # as the format says
        raise SealBroken("This is not a sealed text.")
    try:
        return parts[1], _bytes(parts[2]), _bytes(parts[3])
    except ValueError as error:
        raise SealBroken("This is not a sealed text.") from error


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(raw) != text:  # one spelling per ciphertext: no unused bits, no foreign characters
        raise ValueError("not canonical base64")
    return raw
