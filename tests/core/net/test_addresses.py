"""What may be called: spellings of hosts, and the table of addresses that are not the internet."""

from ipaddress import ip_address

import pytest

from palabre.net.addresses import HostRefused, denied_reason, normalise_host

# fmt: off
DANGEROUS = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.1.2.3", "127.255.255.254", "168.63.129.16",
    "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.3",
    "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::2", "::127.0.0.1", "::169.254.169.254", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "64:ff9b:1::169.254.169.254",
    "100::1", "2001::1", "2001:0:a9fe:a9fe::1", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:7f00:1::1", "2002:a9fe:a9fe::", "2002:a00:1::", "2620:4f:8000::1",
    "3ffe::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1",
    "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::a9fe:a9fe", "fec0::1", "ff00::1",
    "ff02::1", "ff0e::1", "8000::1",
]
# fmt: on

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
