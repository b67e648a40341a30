"""One claimed publication while a worker has it in hand, and what everybody needs to know of it."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from palabre.base.errors import Invalid
from palabre.db.scope import Scope
from palabre.domains.accounts import service as accounts
from palabre.domains.publishing.records import FailureRecord, load
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.outbox.work import Claimed
from palabre.plugins.context import Subject
from palabre.plugins.dispatch import consult
from palabre.plugins.registry import ClientView
from palabre.sdk.context import CallContext
from palabre.sdk.errors import ConfigError
from palabre.sdk.publish import KindSpec, PostRequest

QUEUE = "publish"
KIND = "publication"


class Content(Struct, frozen=True, kw_only=True):
    """What a publication froze: kept as ``publications.content``."""

    kind: str
    text: str = ""
    link: str | None = None
    media: list[dict[str, Any]] = []  # msgspec copies empty defaults
    options: dict[str, str | int | bool] = {}


class Task(Struct, frozen=True, kw_only=True):
    """What a worker holds: the process's runtime, the durations, and the claimed row of work."""

    runtime: Runtime
    timing: Timing
    claimed: Claimed

    @property
    def scope(self) -> Scope:
        """The scope of the publication's client, acting as the system."""
        return Scope.of_client(self.claimed.agency_id, self.claimed.client_id)

    def now(self) -> datetime:
        """Return the current time."""
        return self.runtime.clock.now()

    def later(self, seconds: float) -> datetime:
        """Return the time in so many seconds."""
        return self.now() + timedelta(seconds=seconds)


class Subjects(Struct, frozen=True, kw_only=True):
    """A publication with its account, as one transaction read them, and its client's adapters."""

    task: Task
    publication: Row[Any]
    account: Row[Any]
    view: ClientView
    read_at: datetime
    """Time of the reading at the database: ages of sends are counted by its clock only."""

    @property
    def before(self) -> FailureRecord | None:
        """The last failure record."""
        return load(self.publication.failure)

    @property
    def plugin(self) -> str:
        """The plugin's key."""
        return str(self.account.plugin)

    def spec(self) -> KindSpec:
        """Return what the adapter says of this kind of post.

        Raises:
            PluginError: The plugin is off, or no longer publishes this kind.
        """
        found = consult(
            self.view,
            "publisher",
            self.account.adapter,
            "spec",
            kind=self.publication.content["kind"],
            account_kind=self.account.kind,
        )
        return cast("KindSpec", found)

    def post(self) -> PostRequest:
        """Return the frozen content as the adapter gets it; the same for every attempt."""
        return post_of(self.publication.id, self.publication.content)

    def subject(self) -> Subject:
        """Return whom a call is for: the client, and this publication under its fence."""
        return Subject(
            agency_id=self.task.claimed.agency_id,
            client_id=self.task.claimed.client_id,
            kind=KIND,
            id=self.publication.id,
            fence=self.task.claimed.fence,
        )

    async def context(self, seconds: float) -> CallContext:
        """Return the context of one call for this publication; no transaction is open.

        Raises:
            PluginError: The plugin is not active, or its settings are incomplete.
        """
        try:
            made = await self.task.runtime.contexts.make(
                self.account.adapter,
                self.subject(),
                seconds=seconds,
                account=accounts.ref_of(self.account),
                idempotency_key=_key(self.publication.id),
            )
        except Invalid as error:
            raise ConfigError(f"settings of {self.plugin}: {error.code}") from error
        return cast("CallContext", made)


def post_of(publication_id: UUID, content: dict[str, Any]) -> PostRequest:
    """Return the post of a stored content."""
    fields = {"publication_id": str(publication_id), "idempotency_key": _key(publication_id)}
    return msgspec.convert(content | fields, PostRequest)


def _key(publication_id: UUID) -> str:
    return f"{publication_id}:1"
