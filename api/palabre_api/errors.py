"""The one error shape: whatever is raised becomes ``{"success": false, "error": {...}}``."""

from typing import Any, Final

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from msgspec import Struct
from redis.exceptions import RedisError

from palabre.base.errors import (
    FieldProblem,
    Invalid,
    NotDecodable,
    PalabreError,
    TooMany,
    Unavailable,
)
from palabre.base.words import say
from palabre_api.call import current
from palabre_api.idempotency import Replay
from palabre_api.problems import problem_of

_log = structlog.get_logger("palabre.api")
_CODES: Final = {
    400: "not_decodable",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_body",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}


class ErrorField(Struct, frozen=True, kw_only=True):
    """One field at fault and the sentence to show beside it."""

    field: str
    code: str
    message: str


class ErrorDetails(Struct, frozen=True, kw_only=True):
    """Facts for programs; single codes add their own beside these."""

    request_id: str
    fields: list[ErrorField] = []


class ErrorBody(Struct, frozen=True, kw_only=True):
    """What went wrong: a stable code and a sentence in the reader's language."""

    code: str
    message: str
    details: ErrorDetails


class ErrorAnswer(Struct, frozen=True, kw_only=True):
    """Every error of the API."""

    success: bool = False
    error: ErrorBody


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Return the answer for anything raised while a request is handled."""
    if isinstance(error, Replay):
        return Response(
            error.answer.body.encode(),
            status_code=error.answer.status,
            media_type=MediaType.JSON,
            headers={"Idempotent-Replay": "true"},
        )
    problem = _translate(error)
    if problem is None:
        _log.error("crash", request_id=_request_id(), path=request.url.path, exc_info=error)
        return _answer(500, "internal_error", say(_locale(), "error.internal_error"), {}, {})
    return _of_problem(problem)


def _translate(error: Exception) -> PalabreError | None:
    if isinstance(error, PalabreError):
        return error
    if isinstance(error, RedisError):
        return Unavailable("redis_unavailable")
    if isinstance(error, ValidationException):
        return Invalid(*_parameter_problems(error))
    if isinstance(error, HTTPException):
        return _of_litestar(error)
    return None


def _of_litestar(error: HTTPException) -> PalabreError | None:
    decoding = error.__cause__
    if isinstance(decoding, SerializationException):
        cause = decoding.__cause__
        if isinstance(cause, msgspec.ValidationError):
            return Invalid(problem_of(str(cause)))
        return NotDecodable("not_decodable")
    code = _CODES.get(error.status_code)
    if code is None:
        return None
    problem = _Status(code, headers=dict(error.headers or {}))
    problem.http_status = error.status_code
    return problem


class _Status(PalabreError):
    """An error of Litestar itself, with its own status."""

    http_status: int = 500


def _parameter_problems(error: ValidationException) -> list[FieldProblem]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [
        problem_of(str(item.get("message", "")), str(item.get("key", "")))
        for item in extra
        if isinstance(item, dict)
    ] or [problem_of(error.detail)]


def _of_problem(problem: PalabreError) -> Response[Any]:
    locale = _locale()
    details = dict(problem.details)
    if isinstance(problem, Invalid | NotDecodable):
        details["fields"] = [
            {"field": p.field, "code": p.code, "message": p.message(locale)}
            for p in getattr(problem, "problems", ())
        ]
    status = problem.http_status if isinstance(problem, _Status) else problem.status
    headers = dict(problem.headers)
    if isinstance(problem, TooMany):
        headers.setdefault("Retry-After", "60")
    return _answer(status, problem.code, problem.message(locale), details, headers)


def _answer(
    status: int, code: str, message: str, details: dict[str, Any], headers: dict[str, str]
) -> Response[Any]:
    return Response(
        {
            "success": False,
            "error": {
                "code": code,
                "message": message,
                "details": {"request_id": _request_id(), **details},
            },
        },
        status_code=status,
        media_type=MediaType.JSON,
        headers=headers,
    )


def _locale() -> str:
    call = current.get(None)
    return call.locale if call else "en"


def _request_id() -> str:
    call = current.get(None)
    return call.request_id if call else ""
