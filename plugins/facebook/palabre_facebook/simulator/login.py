"""Login: the dialog a person clicks through, codes, tokens, permissions (meta.md 3)."""

import hashlib
import hmac
import time
from typing import Any, Final
from urllib.parse import urlencode

from palabre_facebook.simulator.answers import GraphRefusal
from palabre_facebook.simulator.people import PAGES, PEOPLE, SCOPE_WORDS
from palabre_facebook.simulator.state import DATA_ACCESS_S, Store, Token

APP_NAME: Final = "Palabre (demo app)"


class Login:
    """Who may do what, and the texts that prove it."""

    def __init__(self, store: Store, app_id: str, app_secret: str) -> None:
        """Serve one registered app."""
        self._store = store
        self.app_id = app_id
        self._secret = app_secret

    # The dialog

    def check_dialog(self, query: dict[str, str]) -> list[str]:
        """Return the scopes asked for.

        Raises:
            GraphRefusal: Unknown app, address or scope: Facebook shows a page instead of a dialog.
        """
        if query.get("client_id") != self.app_id:
            raise GraphRefusal(101, "Invalid App ID")
        if not query.get("redirect_uri", "").startswith(("https://", "http://")):
            raise GraphRefusal(191, "The redirect_uri URL must be absolute")
        scopes = [scope for scope in query.get("scope", "").split(",") if scope]
        unknown = [scope for scope in scopes if scope not in SCOPE_WORDS]
        if unknown:
            raise GraphRefusal(100, f"Invalid Scopes: {', '.join(unknown)}")
        return scopes

    def agree(self, query: dict[str, str], person: str, allowed: list[str]) -> str:
        """Note what the person allowed and return where to send the browser."""
        asked = self.check_dialog(query)
        granted = [scope for scope in asked if scope in allowed]
        statuses = self._store.data.permissions.setdefault(person, {})
        statuses.update({s: "granted" if s in granted else "declined" for s in asked})
        statuses["public_profile"] = "granted"
        code = self._store.new_code(person, query["redirect_uri"], granted)
        return _back(query, {"code": code})

    def decline(self, query: dict[str, str]) -> str:
        """Return where to send the browser of a person who said no."""
        self.check_dialog(query)
        return _back(
            query,
            {
                "error": "access_denied",
                "error_code": "200",
                "error_description": "Permissions error",
                "error_reason": "user_denied",
            },
        )

    # Tokens

    def exchange(self, fields: dict[str, str]) -> dict[str, Any]:
        """Turn a code or a token into a token (meta.md 3.2, 3.3)."""
        if fields.get("client_id") != self.app_id:
            raise GraphRefusal(101, "Error validating application. Invalid application ID.")
        if not hmac.compare_digest(fields.get("client_secret", ""), self._secret):
            raise GraphRefusal(1, "Error validating client secret.")
        if fields.get("grant_type") == "fb_exchange_token":
            old = self.alive(fields.get("fb_exchange_token", ""))
            return self._issue(old.person, old.scopes, long_lived=True)
        return self._redeem(fields)

    def _redeem(self, fields: dict[str, str]) -> dict[str, Any]:
        code = self._store.data.codes.get(fields.get("code", ""))
        if code is None:
            raise GraphRefusal(100, "Invalid verification code format.")
        if code.used:
            raise GraphRefusal(100, "This authorization code has been used.", subcode=36009)
        if code.expires_at < time.time():
            raise GraphRefusal(100, "This authorization code has expired.", subcode=36007)
        if code.redirect_uri != fields.get("redirect_uri"):
            raise GraphRefusal(
                100,
                "Error validating verification code. Please make sure your redirect_uri is "
                "identical to the one you used in the OAuth dialog request",
                subcode=36008,
            )
        code.used = True
        return self._issue(code.person, code.scopes, long_lived=False)

    def _issue(self, person: str, scopes: list[str], *, long_lived: bool) -> dict[str, Any]:
        text = self._store.new_token(person, scopes, long_lived=long_lived)
        expires_in = self._store.data.tokens[text].expires_at - int(time.time())
        return {"access_token": text, "token_type": "bearer", "expires_in": expires_in}

    def alive(self, text: str) -> Token:
        """Return a token that works, checked in the order of meta.md 13.4."""
        token = self._store.data.tokens.get(text)
        if token is None:
            raise GraphRefusal(190, "Invalid OAuth access token - Cannot parse access token")
        if token.dead_subcode:
            raise GraphRefusal(
                190,
                "Error validating access token: The session has been invalidated.",
                subcode=token.dead_subcode,
            )
        if token.expires_at and token.expires_at < time.time():
            raise GraphRefusal(
                190, "Error validating access token: Session has expired.", subcode=463
            )
        return token

    def authenticate(self, text: str, proof: str) -> Token:
        """Return the token of a call, with its proof checked (meta.md 1.4)."""
        if not text:
            raise GraphRefusal(
                2500,
                "An active access token must be used to query information about the current user.",
            )
        token = self.alive(text)
        wanted = hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, wanted):
            raise GraphRefusal(
                100,
                "API calls from the server require an appsecret_proof argument",
                kind="GraphMethodException",
            )
        return token

    def inspect(self, text: str, app_token: str) -> dict[str, Any]:
        """Answer ``debug_token`` (meta.md 3.5)."""
        if app_token != f"{self.app_id}|{self._secret}":
            raise GraphRefusal(190, "Invalid OAuth access token.")
        try:
            token = self.alive(text)
        except GraphRefusal as refusal:
            error = {"code": 190, "message": str(refusal), "subcode": refusal.subcode}
            return {"data": {"is_valid": False, "error": error, "scopes": []}}
        facts = {
            "app_id": self.app_id,
            "type": "PAGE" if token.page else "USER",
            "application": APP_NAME,
            "data_access_expires_at": token.issued_at + DATA_ACCESS_S,
            "expires_at": token.expires_at,
            "issued_at": token.issued_at,
            "is_valid": True,
            "scopes": [*token.scopes, "public_profile"],
            "user_id": token.person,
        }
        return {"data": {**facts, "profile_id": token.page} if token.page else facts}

    # The person

    def permissions(self, token: Token) -> dict[str, Any]:
        """Answer ``/me/permissions``."""
        statuses = self._store.data.permissions.get(token.person, {})
        return {"data": [{"permission": p, "status": s} for p, s in sorted(statuses.items())]}

    def withdraw(self, token: Token, permission: str = "") -> dict[str, Any]:
        """Withdraw one permission, or all: then every token of the person is dead."""
        statuses = self._store.data.permissions.get(token.person, {})
        if permission:
            statuses[permission] = "declined"
            for other in self._store.data.tokens.values():
                if other.person == token.person and permission in other.scopes:
                    other.scopes.remove(permission)
            self._store.save()
        else:
            statuses.clear()
            self._store.kill_tokens(token.person, 458)
        return {"success": True}

    def pages(self, token: Token) -> list[dict[str, Any]]:
        """Return the rows of ``/me/accounts``, each with its token."""
        if "pages_show_list" not in token.scopes:
            return []
        rows = []
        for page_id, tasks in PEOPLE[token.person].roles.items():
            page = PAGES[page_id]
            text = self._store.page_token(
                token.person, page_id, token.scopes, long_lived=token.long_lived
            )
            extra = {"access_token": text, "tasks": list(tasks)}
            rows.append({**extra, "id": page.id, "name": page.name, "category": page.category})
        return rows


def _back(query: dict[str, str], result: dict[str, str]) -> str:
    separator = "&" if "?" in query["redirect_uri"] else "?"
    state = {"state": query["state"]} if "state" in query else {}
    fragment = "#_=_" if "code" in result else ""
    return f"{query['redirect_uri']}{separator}{urlencode({**result, **state})}{fragment}"
