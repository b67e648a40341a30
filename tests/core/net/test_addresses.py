"""What may be called: spellings of hosts, and the table of addresses that are not the internet."""

from ipaddress import ip_address

import pytest

from palabre.net.addresses import HostRefused, denied_reason, normalise_host

from .addresses import DANGEROUS

# fmt: off
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.0.1", "100.128.0.1", "172.32.0.1",
    "192.88.98.1", "2606:4700::1111", "2a03:2880:f12f:83:face:b00c:0:25de", "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2001:4860:4860::8888",
]
# fmt: on


def test_the_table_holds_at_least_sixty_addresses() -> None:
    assert len(set(DANGEROUS)) >= 60


@pytest.mark.parametrize("text", DANGEROUS)
def test_dangerous_address_is_denied(text: str) -> None:
    assert denied_reason(ip_address(text)) is not None


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_allowed(text: str) -> None:
    assert denied_reason(ip_address(text)) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "2130706433",
        "0",
        "0x",
        "127.0.0.1.5",
        "127.0.0.01",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "[::1%lo]",
        "[::g]",
        "",
        ".",
        "a..b",
        "-a.example",
        "a b.example",
        "a\x00.example",
        "exa_mple.com/",
        "x" * 64 + ".example",
        ".".join(["x" * 60] * 5),
    ],
)
def test_unusual_spelling_is_refused(host: str) -> None:
    with pytest.raises(HostRefused):
        normalise_host(host)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("Graph.Facebook.COM", "graph.facebook.com"),
        ("graph.facebook.com.", "graph.facebook.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ｅxample.com", "example.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::FFFF:7F00:1]", str(ip_address("::ffff:7f00:1"))),
        ("my_host.example", "my_host.example"),
    ],
)
def test_host_has_one_spelling(given: str, host: str) -> None:
    assert normalise_host(given) == host
