"""Answers in Meta's form: the error envelope, usage headers, and the errors that can be chosen."""

import json
import secrets
from typing import Any, Final

from starlette.responses import Response

from palabre.sdk.faults import FaultAnswer

APP_USAGE: Final = json.dumps({"call_count": 3, "total_time": 2, "total_cputime": 2})


class GraphRefusal(Exception):
    """Raised by an endpoint to answer with an error envelope."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int = 0,
        status: int = 400,
        user_message: str = "",
        kind: str = "OAuthException",
    ) -> None:
        self.code = code
        self.subcode = subcode
        self.status = status
        self.kind = kind
        self.user_message = user_message
        super().__init__(message)

    @property
    def envelope(self) -> dict[str, Any]:
        """Return the envelope (meta.md 2.1)."""
        error: dict[str, Any] = {"message": str(self), "type": self.kind, "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.user_message:
            error["error_user_msg"] = self.user_message
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def graph_answer(body: Any, *, version: str, page: str = "", status: int = 200) -> Response:
    """Return a JSON answer with the headers of every Graph answer (meta.md 2.5)."""
    headers = {
        "facebook-api-version": version,
        "x-fb-trace-id": secrets.token_urlsafe(8),
        "x-app-usage": APP_USAGE,
    }
    if page:
        usage = {"type": "pages", "call_count": 1, "total_cputime": 1, "total_time": 1}
        entry = {**usage, "estimated_time_to_regain_access": 0}
        headers["x-business-use-case-usage"] = json.dumps({page: [entry]})
    text = json.dumps(body, ensure_ascii=True)
    return Response(text, status, headers, "application/json; charset=UTF-8")


def _preset(code: int, message: str, *, subcode: int = 0, status: int = 400) -> FaultAnswer:
    refusal = GraphRefusal(code, message, subcode=subcode, status=status)
    headers = {"content-type": "application/json; charset=UTF-8"}
    if code in (4, 80001):
        usage = {"type": "pages", "call_count": 100, "total_cputime": 20, "total_time": 20}
        entry = {**usage, "estimated_time_to_regain_access": 5}
        headers["x-business-use-case-usage"] = json.dumps({"0": [entry]})
    return FaultAnswer(status=status, body=json.dumps(refusal.envelope), headers=headers)


PRESETS: Final[dict[str, FaultAnswer]] = {
    "server_error": _preset(1, "An unknown error occurred", status=500),
    "service_down": _preset(2, "Service temporarily unavailable", status=500),
    "html_error": FaultAnswer(
        status=502, body="<html><body>Sorry</body></html>", headers={"content-type": "text/html"}
    ),
    "app_limit": _preset(4, "(#4) Application request limit reached"),
    "page_limit": _preset(32, "(#32) Page request limit reached"),
    "business_limit": _preset(80001, "(#80001) There have been too many calls to this Page"),
    "token_expired": _preset(
        190, "Error validating access token: Session has expired", subcode=463
    ),
    "password_changed": _preset(
        190, "Error validating access token: The session has been invalidated", subcode=460
    ),
    "app_removed": _preset(190, "The user has not authorized application", subcode=458),
    "blocked": _preset(368, "The action attempted has been deemed abusive", subcode=1390008),
    "duplicate": _preset(506, "(#506) Duplicate status message"),
    "no_id": FaultAnswer(status=200, body="{}", headers={"content-type": "application/json"}),
}
"""Answers a fault can give (see ``palabre.sdk.faults``)."""
