"""Master keys: they only wrap data keys and live outside the database."""

import os
from base64 import b64decode, urlsafe_b64encode

from palabre.base.settings import SettingsError
from palabre.vault import envelope

_KEY_BYTES = 32


class MasterKeys:
    """The installation's master keys; the first wraps new data keys, the others still open."""

    def __init__(self, text: str) -> None:
        """Read ``kid:base64`` entries separated by commas or lines, the one in use first.

        Raises:
            SettingsError: There is none, or one is not 32 bytes.
        """
        self._keys: dict[str, bytes] = {}
        for entry in text.replace(",", "\n").split():
            kid, _, encoded = entry.partition(":")
            self._keys[kid] = _decode(kid, encoded)
        if not self._keys:
            raise SettingsError("PALABRE_MASTER_KEY is empty. Make one with `palabre keys new`.")

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self._keys)})"

    @property
    def current(self) -> str:
        """The kid of the key in use."""
        return next(iter(self._keys))

    def wrap(self, place: str, data_key: bytes) -> str:
        """Return ``data_key`` sealed under the key in use."""
        return envelope.seal(self._keys[self.current], self.current, place, data_key)

    def unwrap(self, place: str, wrapped: str) -> bytes:
        """Return the data key.

        Raises:
            SealBroken: The master key is unknown here, or the text was altered.
        """
        key = self._keys.get(envelope.kid_of(wrapped))
        if key is None:
            raise envelope.SealBroken("The master key of this data key is not configured.")
        return envelope.unseal(key, place, wrapped)


def new_master_key(kid: str = "m1") -> str:
    """Return a fresh entry for PALABRE_MASTER_KEY."""
    return f"{kid}:{urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()}"


def _decode(kid: str, encoded: str) -> bytes:
    try:
        key = b64decode(encoded, altchars=b"-_", validate=True)
    except ValueError as error:
        raise SettingsError(f"Master key {kid!r} is not base64.") from error
    if not kid.isalnum() or len(key) != _KEY_BYTES:
        raise SettingsError(f"Master key {kid!r} must be <name>:<32 bytes in base64>.")
    return key
