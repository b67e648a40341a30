"""Hosts people bring: one spelling, a name of the public internet, and not ours."""

from urllib.parse import urlsplit

from palabre.base.errors import FieldProblem, Invalid
from palabre.base.settings import Settings
from palabre.net.addresses import HostRefused, literal_address, normalise_host


def checked_host(settings: Settings, given: str) -> str:
    """Return a host as people give it (``Café.example``) in ASCII.

    Raises:
        Invalid: It is no name with a dot, or it is an address, or ours.
    """
    try:
        host = normalise_host(given.strip())
    except HostRefused:
        raise _refused("domain_not_valid") from None
    if literal_address(host) is not None or "." not in host or host.endswith(".localhost"):
        raise _refused("domain_not_valid")
    if same_host(settings, host):
        raise _refused("domain_ours")
    return host


def same_host(settings: Settings, host: str) -> bool:
    """Tell whether a host is one this installation has for itself."""
    ours = (settings.public_url, settings.content_url, settings.simulator_origin)
    return host in {urlsplit(url).hostname for url in ours if url}


def _refused(code: str) -> Invalid:
    return Invalid(FieldProblem(field="host", code=code))
