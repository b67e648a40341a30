"""Settings of a process from the environment: a closed list, unknown names refuse to start."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

KNOWN = frozenset(
    {
        "PALABRE_ENV",
        "PALABRE_PUBLIC_URL",
        "PALABRE_CONTENT_URL",
        "PALABRE_MASTER_KEY",
        "PALABRE_MASTER_KEY_FILE",
        "PALABRE_SIGNING_KEY",
        "PALABRE_SIGNING_KEY_FILE",
        "PALABRE_SMTP_URL",
        "PALABRE_STATE_DIR",
        "PALABRE_DATABASE_ADMIN_URL",
        "PALABRE_DB_ROLE_PREFIX",
        "PALABRE_SIMULATED_HOSTS",
        "PALABRE_SIMULATOR_ORIGIN",
        "PALABRE_TRUSTED_PROXIES",
        "PALABRE_PLUGINS",
    }
)
_PLUGIN_FIELD = re.compile(r"^PALABRE_PLUGIN_([A-Z][A-Z0-9_]*?)__([A-Z][A-Z0-9_]*)$")
Environment = Literal["demo", "test", "production"]


class SettingsError(Exception):
    """The environment cannot be used; the message says which variable and what to do."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything a process takes from its environment."""

    environment: Environment
    database_url: str
    redis_url: str
    public_url: str
    content_url: str
    state_dir: Path
    master_keys: str
    """``kid:base64`` lines, the first one in use; see ``palabre.vault.master``."""
    signing_key: str
    """Secret from which signing keys are derived; at least 32 characters."""
    database_admin_url: str = ""
    role_prefix: str = "palabre"
    simulated_hosts: str = ""
    simulator_origin: str = ""
    trusted_proxies: tuple[str, ...] = ()
    smtp_url: str = ""
    """Where mail is handed over, with its password; see ``palabre.mail.smtp``."""
    plugins: tuple[str, ...] = ()
    plugin_fields: dict[str, dict[str, str]] = {}  # msgspec copies empty defaults
    """Installation settings of plugins: plugin key, then field in lower case."""

    def __repr__(self) -> str:
        return f"Settings(environment={self.environment!r}, public_url={self.public_url!r})"

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies can insist on it."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: A name is unknown, a value is missing or not allowed together with another.
    """
    _refuse_unknown(environ)
    environment = environ.get("PALABRE_ENV", "production")
    if environment not in {"demo", "test", "production"}:
        raise SettingsError(f"PALABRE_ENV is {environment!r}: use demo, test or production.")
    if environment == "production" and environ.get("PALABRE_SIMULATED_HOSTS"):
        raise SettingsError("PALABRE_SIMULATED_HOSTS is for demo and test: remove it.")
    public = _required(environ, "PALABRE_PUBLIC_URL").rstrip("/")
    if environment == "production" and not public.startswith("https://"):
        raise SettingsError("PALABRE_PUBLIC_URL must start with https:// in production.")
    signing = _secret(environ, "PALABRE_SIGNING_KEY")
    if len(signing) < 32:  # noqa: PLR2004  # stated in the sentence
        raise SettingsError("PALABRE_SIGNING_KEY must have at least 32 characters.")
    return Settings(
        environment=environment,  # type: ignore[arg-type]  # checked above
        database_url=_required(environ, "DATABASE_URL"),
        redis_url=_required(environ, "REDIS_URL"),
        public_url=public,
        content_url=environ.get("PALABRE_CONTENT_URL", public).rstrip("/"),
        state_dir=Path(environ.get("PALABRE_STATE_DIR", ".palabre")),
        master_keys=_secret(environ, "PALABRE_MASTER_KEY"),
        signing_key=signing,
        database_admin_url=environ.get("PALABRE_DATABASE_ADMIN_URL", ""),
        role_prefix=environ.get("PALABRE_DB_ROLE_PREFIX", "palabre"),
        simulated_hosts=environ.get("PALABRE_SIMULATED_HOSTS", ""),
        simulator_origin=environ.get("PALABRE_SIMULATOR_ORIGIN", ""),
        trusted_proxies=_words(environ, "PALABRE_TRUSTED_PROXIES"),
        smtp_url=environ.get("PALABRE_SMTP_URL", ""),
        plugins=_words(environ, "PALABRE_PLUGINS"),
        plugin_fields=_plugin_fields(environ),
    )


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    unknown = sorted(
        name
        for name in environ
        if name.startswith("PALABRE_") and name not in KNOWN and not _PLUGIN_FIELD.match(name)
    )
    if unknown:
        raise SettingsError(
            f"Unknown setting {', '.join(unknown)}. The known ones stand in docs/operations.md."
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set. `make run` sets everything for a trial.")
    return value


def _secret(environ: Mapping[str, str], name: str) -> str:
    """Return a secret given directly or as a file."""
    path = environ.get(f"{name}_FILE")
    if path and environ.get(name):
        raise SettingsError(f"Set {name} or {name}_FILE, not both.")
    if not path:
        return _required(environ, name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}.") from error


def _words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in environ.get(name, "").split(",") if word.strip())


def _plugin_fields(environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    fields: dict[str, dict[str, str]] = {}
    for name, value in environ.items():
        match = _PLUGIN_FIELD.match(name)
        if match:
            fields.setdefault(match[1].lower(), {})[match[2].lower()] = value
    return fields
