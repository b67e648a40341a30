"""The plugin's HTTP: declared hosts only, and failures in the words of the contract."""

from datetime import UTC, datetime, timedelta

import pytest

from palabre.net.client import Egress
from palabre.net.hosts import HostTable
from palabre.net.plugin_http import http_for
from palabre.sdk.errors import ConfigError, PluginBug, Transient, UnknownOutcome
from palabre.sdk.values import FilePart

from .support import answering, hanging_up, listening, silent

URL = "https://graph.example.com/v1/feed"
HOSTS = ("graph.example.com", "*.cdn.example", "account")


def egress_to(port: int) -> Egress:
    base = f"http://127.0.0.1:{port}"
    return Egress(
        HostTable(dict.fromkeys(["graph.example.com", "*.cdn.example", "my.example"], base))
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://graph.example.com.evil.example/",
        "https://cdn.example/",
        "https://graph.example.com@evil.example/",
        "not an address",
    ],
)
async def test_undeclared_host_is_a_bug_of_the_plugin(url: str) -> None:
    egress = egress_to(1)
    with pytest.raises(PluginBug):
        await http_for(egress, "demo", HOSTS).request("GET", url)
    await egress.aclose()


@pytest.mark.parametrize(
    "url", ["https://a.cdn.example/x", "https://GRAPH.example.com./x", "https://my.example/x"]
)
async def test_declared_wildcard_and_account_hosts_are_reached(url: str) -> None:
    async with listening(answering()) as server:
        egress = egress_to(server.port)
        http = http_for(egress, "demo", HOSTS, account_hosts=("my.example",))
        assert (await http.request("GET", url)).status == 200
        await egress.aclose()


async def test_account_host_needs_the_word_in_the_manifest() -> None:
    egress = egress_to(1)
    http = http_for(egress, "demo", ("graph.example.com",), account_hosts=("my.example",))
    with pytest.raises(PluginBug):
        await http.request("GET", "https://my.example/")
    await egress.aclose()


async def test_refused_connection_is_transient_even_for_a_post() -> None:
    async with listening(answering()) as server:
        port = server.port
    egress = egress_to(port)
    with pytest.raises(Transient):
        await http_for(egress, "demo", HOSTS).request("POST", URL, form={"a": "b"})
    await egress.aclose()


@pytest.mark.parametrize("behave", [silent, hanging_up])
@pytest.mark.parametrize(
    ("method", "repeatable", "expected"),
    [
        ("POST", False, UnknownOutcome),
        ("DELETE", False, UnknownOutcome),
        ("POST", True, Transient),
        ("GET", False, Transient),
    ],
)
async def test_lost_answer(
    behave: object, method: str, repeatable: bool, expected: type[Exception]
) -> None:
    async with listening(behave) as server:  # type: ignore[arg-type]  # parametrised callable
        egress = egress_to(server.port)
        http = http_for(egress, "demo", HOSTS)
        with pytest.raises(expected) as caught:
            await http.request(method, URL, timeout_s=0.3, repeatable=repeatable)
        await egress.aclose()

    assert type(caught.value) is expected
    assert server.connections == 1


async def test_oversized_answer_to_a_post_may_have_worked() -> None:
    async with listening(answering(body=b"x" * 2000)) as server:
        egress = egress_to(server.port)
        http = http_for(egress, "demo", HOSTS, max_bytes=1000)
        with pytest.raises(UnknownOutcome):
            await http.request("POST", URL)
        await egress.aclose()


async def test_private_address_of_a_declared_host_is_a_matter_of_settings() -> None:
    egress = Egress(HostTable({}))
    with pytest.raises(ConfigError):
        await http_for(egress, "demo", ("localhost",)).request("GET", "https://localhost/")
    await egress.aclose()


async def test_nothing_is_sent_after_the_deadline() -> None:
    async with listening(answering()) as server:
        egress = egress_to(server.port)
        late = datetime.now(UTC) - timedelta(seconds=1)
        with pytest.raises(Transient):
            await http_for(egress, "demo", HOSTS, deadline=late).request("POST", URL)
        await egress.aclose()

    assert server.connections == 0


async def test_deadline_shortens_the_wait() -> None:
    async with listening(silent) as server:
        egress = egress_to(server.port)
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        http = http_for(egress, "demo", HOSTS, deadline=soon)
        with pytest.raises(UnknownOutcome):
            await http.request("POST", URL, timeout_s=60)
        await egress.aclose()
    assert (datetime.now(UTC) - soon).total_seconds() < 2


async def test_multipart_carries_fields_and_file() -> None:
    async with listening(answering()) as server:
        egress = egress_to(server.port)
        part = FilePart(filename="a.jpg", content_type="image/jpeg", content=b"\xff\xd8bytes")
        http = http_for(egress, "demo", HOSTS)
        await http.request("POST", URL, form={"caption": "Été"}, files={"source": part})
        await egress.aclose()

    sent = server.requests[0]
    assert b'name="caption"\r\n\r\n\xc3\x89t\xc3\xa9' in sent
    assert (
        b'name="source"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8bytes' in sent
    )
