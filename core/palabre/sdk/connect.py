"""Values of the connect flow: start, callback, grant, the accounts found, health."""

from typing import Literal

from palabre.sdk.values import Instant, Secret, Value

AccountKind = Literal["page", "profile", "business", "channel", "organisation", "site", "group"]


class ConnectStart(Value, frozen=True, kw_only=True):
    """What an adapter needs to send a person to the platform's consent page.

    ``state`` and ``code_challenge`` (PKCE, S256) are made by core; ``scopes`` are those of the
    manifest. ``rerequest`` asks again for what was declined before.
    """

    redirect_uri: str
    state: str
    code_challenge: str
    scopes: tuple[str, ...]
    locale: str = "en"
    rerequest: bool = False


class ConnectRedirect(Value, frozen=True, kw_only=True, tag="redirect"):
    """Send the browser to ``url`` (the platform's real address)."""

    url: str


class FormField(Value, frozen=True, kw_only=True):
    """One field of a connect form; ``secret`` fields are never shown again."""

    name: str
    label_key: str
    secret: bool = False
    placeholder: str = ""


class ConnectForm(Value, frozen=True, kw_only=True, tag="form"):
    """Ask the person for these fields instead (API key, webhook address)."""

    fields: tuple[FormField, ...]


class ConnectCallback(Value, frozen=True, kw_only=True):
    """What came back from the platform: the query of the redirect, or the filled form."""

    params: dict[str, str]
    redirect_uri: str
    code_verifier: str


class TokenGrant(Value, frozen=True, kw_only=True):
    """One consent: its tokens, their life and what they allow. Secrets stay in ``Secret``."""

    access_token: Secret
    refresh_token: Secret | None = None
    expires_at: Instant | None = None
    """None: does not expire by itself."""
    refresh_expires_at: Instant | None = None
    data_access_expires_at: Instant | None = None
    scopes: tuple[str, ...] = ()
    subject_id: str = ""
    """The person or organisation at the platform who consented."""
    subject_name: str = ""


class RemoteAccount(Value, frozen=True, kw_only=True):
    """A page, channel or organisation the consent reaches.

    ``access_token`` is set where the platform gives the account a token of its own.
    ``connectable`` is false with ``reason_key`` (a sentence of the plugin's ``locales``) when the
    person lacks a right there.
    """

    remote_id: str
    name: str
    kind: AccountKind
    username: str = ""
    picture_url: str = ""
    url: str = ""
    followers: int | None = None
    access_token: Secret | None = None
    token_expires_at: Instant | None = None
    connectable: bool = True
    reason_key: str = ""
    extra: dict[str, str] = {}
    """Public facts the adapter wants back in ``AccountRef.extra``; no secret."""


class AccountRef(Value, frozen=True, kw_only=True):
    """The account an operation acts on."""

    id: str
    remote_id: str
    name: str
    kind: AccountKind
    adapter: str
    platform: str
    extra: dict[str, str] = {}


class AccountHealth(Value, frozen=True, kw_only=True):
    """What a check of the token found. ``missing_scopes`` names what will not work."""

    ok: bool
    expires_at: Instant | None = None
    data_access_expires_at: Instant | None = None
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    followers: int | None = None
    name: str | None = None
    picture_url: str | None = None


class AccessToken(Value, frozen=True, kw_only=True):
    """A token to act for the account now; core has refreshed it when needed."""

    secret: Secret
    expires_at: Instant | None = None
