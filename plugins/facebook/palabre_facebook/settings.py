"""The registration of one app at Meta, given for the installation, an agency or a client."""

from typing import Annotated

from msgspec import Meta, Struct

from palabre.sdk import SecretText

GRAPH_VERSION = "v26.0"
"""Newest version known (meta.md 1.3, released 2026-07-29, end not announced)."""


class AppSettings(Struct, frozen=True, kw_only=True):
    """App id and secret from the app's *Basic settings*; the Graph version every call names."""

    app_id: str
    app_secret: SecretText
    graph_version: Annotated[str, Meta(pattern=r"^v\d{2}\.\d$")] = GRAPH_VERSION
