"""The permissions asked for, each with the reason people read; nothing is asked in advance."""

from typing import Final

from palabre.sdk import Capability, ScopeNeed

SCOPES: Final = (
    ScopeNeed(
        scope="pages_show_list",
        capability=Capability.CONNECT,
        sentence_key="scope.pages_show_list",
    ),
    ScopeNeed(
        scope="pages_read_engagement",
        capability=Capability.CONNECT,
        sentence_key="scope.pages_read_engagement",
    ),
    ScopeNeed(
        scope="pages_manage_posts",
        capability=Capability.PUBLISH_TEXT,
        sentence_key="scope.pages_manage_posts",
    ),
)
REQUIRED_SCOPES: Final = tuple(need.scope for need in SCOPES if need.required)
