"""What we raise when a request cannot be done: one class per HTTP status, one code per cause.

The code names a sentence ``error.<code>`` in ``locales``; ``params`` fill its placeholders. Codes
are part of the public API: the list stands in ``docs/rest.md``.
"""

from typing import Any, ClassVar

from msgspec import Struct

from palabre.base.words import say


class FieldProblem(Struct, frozen=True, kw_only=True):
    """One field of the input that cannot be accepted, with the sentence to show beside it."""

    field: str
    code: str
    params: dict[str, str | int | float] = {}  # msgspec copies empty defaults
    package: str = "palabre"

    def message(self, locale: str) -> str:
        """Return the sentence in ``locale``: ``field.<code>`` of ``package``, or the key itself."""
        key = self.code if self.package != "palabre" else f"field.{self.code}"
        return say(locale, key, self.params, package=self.package)


class PalabreError(Exception):
    """Base of what the API answers with; becomes the one error shape."""

    status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        *,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **params: str | int | float,
    ) -> None:
        """Describe the refusal.

        Args:
            code: Stable code in snake_case; ``error.<code>`` is its sentence.
            details: Facts for programs, in the answer's ``details``.
            headers: Extra answer headers (``Retry-After``).
            params: Values for the sentence's placeholders.
        """
        self.code = code
        self.details = details or {}
        self.headers = headers or {}
        self.params = params
        super().__init__(code)

    def message(self, locale: str) -> str:
        """Return the sentence in ``locale``."""
        return say(locale, f"error.{self.code}", self.params)


class NotDecodable(PalabreError):
    """The request cannot be read (400)."""

    status = 400


class NotSignedIn(PalabreError):
    """Nobody is signed in, or the credential is not accepted (401)."""

    status = 401


class NotAllowed(PalabreError):
    """Role or plugin do not allow it (403)."""

    status = 403


class NotFound(PalabreError):
    """There is no such thing, or the caller may not see it (404)."""

    status = 404

    def __init__(self, code: str = "not_found", **more: Any) -> None:
        super().__init__(code, **more)


class Conflict(PalabreError):
    """The state does not allow it now (409)."""

    status = 409


class TooLarge(PalabreError):
    """The body or file is larger than accepted (413)."""

    status = 413


class Invalid(PalabreError):
    """Decodable but not acceptable (422), with the fields at fault."""

    status = 422

    def __init__(self, *problems: FieldProblem, code: str = "invalid", **more: Any) -> None:
        self.problems = problems
        super().__init__(code, **more)


class TooMany(PalabreError):
    """A limit is reached (429)."""

    status = 429


class Unavailable(PalabreError):
    """A server we need does not answer; nothing was done and trying again may work (503)."""

    status = 503

    def __init__(self, code: str = "unavailable", **more: Any) -> None:
        more.setdefault("headers", {"Retry-After": "5"})
        super().__init__(code, **more)
