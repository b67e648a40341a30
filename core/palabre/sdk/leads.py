"""Values of lead sources: records as the source gives them, page by page."""

from palabre.sdk.values import Instant, Value


class LeadRecord(Value, frozen=True, kw_only=True, tag="lead"):
    """One person who left their details. Values are kept as given; core normalises."""

    remote_id: str
    received_at: Instant
    source: str
    fields: dict[str, str] = {}
    email: str = ""
    phone: str = ""
    name: str = ""
    consent: str = ""
    """The sentence the person agreed to, empty when unknown."""
    form_id: str = ""


class LeadPage(Value, frozen=True, kw_only=True):
    """Some leads and the cursor that continues after them; ``cursor`` None: nothing more now."""

    leads: tuple[LeadRecord, ...]
    cursor: str | None = None
