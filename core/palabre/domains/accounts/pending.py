"""What a connect attempt keeps sealed while the person chooses: the grant and every token found."""

from typing import Any

import msgspec
from msgspec import Struct

from palabre.sdk.connect import RemoteAccount, TokenGrant
from palabre.sdk.values import Secret


class Pending(Struct, frozen=True, kw_only=True):
    """A grant with the accounts it reaches."""

    grant: TokenGrant
    accounts: list[RemoteAccount]


def pack(pending: Pending) -> Secret:
    """Return everything as one secret for the vault."""
    return Secret(msgspec.json.encode(pending, enc_hook=_reveal).decode())


def unpack(secret: Secret) -> Pending:
    """Return what ``pack`` made a secret of."""
    return msgspec.json.decode(secret.reveal(), type=Pending, dec_hook=_hide)


def _reveal(value: Any) -> str:
    if not isinstance(value, Secret):
        raise NotImplementedError(f"{type(value).__name__} is not part of a pending grant")
    return value.reveal()


def _hide(kind: type, value: Any) -> Secret:
    if kind is not Secret or not isinstance(value, str):
        raise NotImplementedError(f"{kind.__name__} is not part of a pending grant")
    return Secret(value)
