"""What a process holds once and hands to the domain services."""

from msgspec import Struct
from redis.asyncio import Redis

from palabre.base.clock import Clock
from palabre.base.settings import Settings
from palabre.db.databases import Databases
from palabre.net.client import Egress
from palabre.plugins.context import ContextMaker
from palabre.plugins.enabling import EnabledCache
from palabre.plugins.registry import Registry
from palabre.vault.vault import Vault


class Runtime(Struct, kw_only=True):
    """The process's connections and registries. Built by ``palabre.start``, closed by it.

    ``redis`` is a doorbell and a cache: nothing is lost when it is empty or away.
    """

    settings: Settings
    database: Databases
    redis: Redis
    vault: Vault
    registry: Registry
    egress: Egress
    clock: Clock
    enabled: EnabledCache
    contexts: ContextMaker
