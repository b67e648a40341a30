"""The host table: real addresses in, simulator addresses out."""

import pytest

from palabre.net.hosts import HostTable, covers

TEXT = (
    "graph.example.com=http://127.0.0.1:8801/graph.example.com, "
    "*.share.example=http://127.0.0.1:8801/{host}"
)


def test_listed_host_goes_to_its_base_with_path_and_query() -> None:
    target = HostTable.parse(TEXT).resolve("https://graph.example.com/v1/me?fields=id%2Cname")

    assert target.url == "http://127.0.0.1:8801/graph.example.com/v1/me?fields=id%2Cname"
    assert target.forwarded_host == "graph.example.com"


def test_wildcard_puts_the_real_host_into_the_base() -> None:
    target = HostTable.parse(TEXT).resolve("https://awa.share.example/x")

    assert target.url == "http://127.0.0.1:8801/awa.share.example/x"
    assert target.forwarded_host == "awa.share.example"


@pytest.mark.parametrize("host", ["share.example", "evilshare.example", "graph.example.com.evil"])
def test_other_hosts_stay_as_they_are(host: str) -> None:
    target = HostTable.parse(TEXT).resolve(f"https://{host}/x")

    assert target.url == f"https://{host}/x"
    assert target.forwarded_host is None


def test_public_link_uses_the_origin_browsers_reach_and_keeps_the_fragment() -> None:
    table = HostTable.parse(TEXT, public_origin="http://localhost:9999")

    assert (
        table.public_link("https://graph.example.com/a?b=c#d")
        == "http://localhost:9999/graph.example.com/a?b=c#d"
    )
    assert table.public_link("https://elsewhere.example/a") == "https://elsewhere.example/a"
    assert table.public_link("/relative") == "/relative"


def test_empty_text_is_an_empty_table() -> None:
    assert not HostTable.parse(" ")


@pytest.mark.parametrize("text", ["graph.example.com", "=http://x", "a=ftp://x"])
def test_broken_entry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host table"):
        HostTable.parse(text)


def test_wildcard_does_not_cover_its_own_suffix() -> None:
    assert covers("*.b.c", "a.b.c")
    assert not covers("*.b.c", "b.c")
    assert not covers("*.b.c", "ab.c")
