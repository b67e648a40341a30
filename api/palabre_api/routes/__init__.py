"""Every route of the API, one module per resource."""

from typing import Any

from palabre_api import content
from palabre_api.pages import connect
from palabre_api.routes import (
    accounts,
    audit,
    auth,
    branding,
    clients,
    connections,
    dashboard,
    docs,
    health,
    keys,
    mail_catcher,
    me,
    media,
    notices,
    passwords,
    pieces,
    plugins,
    publications,
    sessions,
    team,
)

ALL: list[Any] = [
    *health.handlers,
    *dashboard.handlers,
    *docs.handlers,
    *auth.handlers,
    *me.handlers,
    *passwords.handlers,
    *sessions.handlers,
    *team.handlers,
    *keys.handlers,
    *notices.handlers,
    *mail_catcher.handlers,
    *clients.handlers,
    *branding.handlers,
    *plugins.handlers,
    *audit.handlers,
    *connections.handlers,
    *accounts.handlers,
    *media.handlers,
    *pieces.handlers,
    *publications.handlers,
    *connect.handlers,
    *content.handlers,
]
