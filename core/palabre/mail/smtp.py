"""Hands letters to a mail server, the only place that speaks SMTP.

``PALABRE_SMTP_URL`` is ``smtp://user:password@host:587`` (STARTTLS is required, unless the address
ends with ``?tls=none``) or ``smtps://user:password@host:465``. ``?from=name@example.org`` names the
sender; else it is ``no-reply@`` and the host of the public address.
"""

import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import aiosmtplib
from msgspec import Struct

from palabre.base.guards import transaction_open
from palabre.base.settings import SettingsError
from palabre.sdk.values import Secret

PATIENCE_S: Final = 20.0
"""Seconds the server may take for one answer."""
_PERMANENT: Final = 500
_DEFAULT_PORTS: Final = {"starttls": 587, "none": 25, "tls": 465}

Tls = Literal["starttls", "tls", "none"]


class Server(Struct, frozen=True, kw_only=True):
    """Where letters are handed over, and who they are from."""

    host: str
    port: int
    tls: Tls
    user: str
    password: Secret
    sender: str


class Outgoing(Struct, frozen=True, kw_only=True):
    """A letter as the server gets it."""

    id: UUID
    recipient: str
    sender_name: str
    subject: str
    text: str
    html: str
    created_at: datetime


class NotDelivered(Exception):
    """The letter was not taken."""

    def __init__(self, reason: str, *, final: bool = False, away: bool = False) -> None:
        """Say why, in a word: answers of servers repeat addresses, which are nothing for logs.

        Args:
            reason: What happened.
            final: This letter will never be taken.
            away: The server cannot be worked with: other letters need not be tried now.
        """
        self.reason = reason
        self.final = final
        self.away = away
        super().__init__(reason)


def parse(url: str, public_url: str) -> Server:
    """Return the server of an address.

    Raises:
        SettingsError: It cannot be used, or would send a password in the clear.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise _unusable() from None
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = "tls" if parts.scheme == "smtps" else options.pop("tls", "starttls")
    sender = options.pop("from", f"no-reply@{urlsplit(public_url).hostname}")
    if parts.scheme not in {"smtp", "smtps"} or not host or options or tls not in _DEFAULT_PORTS:
        raise _unusable()
    if parts.username and tls == "none" and not _here(host):
        raise SettingsError(
            "PALABRE_SMTP_URL would send the password unencrypted: remove tls=none."
        )
    return Server(
        host=host,
        port=port or _DEFAULT_PORTS[tls],
        tls=tls,  # type: ignore[arg-type]  # one of the keys above
        user=unquote(parts.username or ""),
        password=Secret(unquote(parts.password or "")),
        sender=sender,
    )


class SmtpCarrier:
    """One connection to the server, for the letters of one round. Use as a context manager."""

    keeps_bodies = False

    def __init__(self, server: Server, *, trust: ssl.SSLContext | None = None) -> None:
        """Prepare; nothing is connected yet.

        Args:
            server: Where to.
            trust: Whom to believe; the machine's authorities when left out.
        """
        self._server = server
        self._trust = trust
        self._client: aiosmtplib.SMTP | None = None

    async def carry(self, letter: Outgoing) -> None:
        """Hand one letter over.

        Raises:
            NotDelivered: The server did not take it.
        """
        if transaction_open.get():
            raise RuntimeError("mail leaves after the transaction, never inside it")
        try:
            message = compose(letter, self._server.sender)
        except (ValueError, MessageError) as error:
            raise NotDelivered("the address cannot be written to", final=True) from error
        try:
            client = await self._connected()
            _ = await client.send_message(
                message, sender=self._server.sender, recipients=[letter.recipient]
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            refused = _not_delivered(error)
            if refused.away:
                await self.close()
            raise refused from error

    async def close(self) -> None:
        """Say goodbye, if there is somebody to say it to."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            if client.is_connected:
                _ = await client.quit(timeout=2.0)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            pass
        finally:
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password.reveal() if server.user else None,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._trust,
            timeout=PATIENCE_S,
        )
        self._client = client
        _ = await client.connect()
        return client


def compose(letter: Outgoing, sender: str) -> EmailMessage:
    """Return the message. Its id follows from the row: a letter sent twice is one in a mailbox.

    Raises:
        ValueError: An address is not one.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(display_name=letter.sender_name, addr_spec=sender)
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id.hex}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _not_delivered(error: Exception) -> NotDelivered:
    """Say whether another try can help. Only a word about this letter is final.

    A refused sender, login or connection is our own matter: it can be put right, so letters wait.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    name = type(error).__name__
    if not isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else ""
        return NotDelivered(f"{name} {code}".strip(), away=True)
    return NotDelivered(f"{name} {error.code}", final=error.code >= _PERMANENT)


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable() -> SettingsError:
    return SettingsError(
        "PALABRE_SMTP_URL must look like smtp://user:password@host:587 or "
        "smtps://user:password@host:465, with tls=none and from=name@example.org as options."
    )
