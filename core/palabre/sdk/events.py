"""The tagged union of events a plugin may listen to with ``palabre_on_event``."""

from palabre.sdk.values import Instant, Value


class EventBase(Value, frozen=True, kw_only=True):
    """What every event carries. Ids are texts; nothing secret and no personal data."""

    event_id: str
    agency_id: str
    client_id: str
    at: Instant


class AccountConnected(EventBase, frozen=True, kw_only=True, tag="account.connected"):
    """An account was connected or reconnected."""

    account_id: str
    platform: str


class AccountChanged(EventBase, frozen=True, kw_only=True, tag="account.changed"):
    """An account's state changed."""

    account_id: str
    platform: str
    state: str


class PublicationChanged(EventBase, frozen=True, kw_only=True, tag="publication.changed"):
    """A publication's public state changed."""

    publication_id: str
    account_id: str
    state: str
    remote_id: str = ""
    url: str = ""


class PieceChanged(EventBase, frozen=True, kw_only=True, tag="piece.changed"):
    """A piece was written or changed."""

    piece_id: str
    state: str


class PluginEnabled(EventBase, frozen=True, kw_only=True, tag="plugin.enabled"):
    """A plugin was turned on or off for the client."""

    plugin: str
    enabled: bool


Event = AccountConnected | AccountChanged | PublicationChanged | PieceChanged | PluginEnabled
