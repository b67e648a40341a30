"""The egress client against real listeners: what it refuses, caps and never follows."""

import asyncio
import gzip
import logging
from ipaddress import ip_address

import pytest

from palabre.net.addresses import Address
from palabre.net.client import Egress
from palabre.net.errors import AnswerRefused, EgressRefused, MaybeSent, NotSent
from palabre.net.hosts import HostTable

from .addresses import DANGEROUS
from .support import answering, hanging_up, listening, silent

SIMULATED = "https://graph.example.com/v1/me"


def egress_to(port: int) -> Egress:
    """Return a client whose ``graph.example.com`` is the local listener."""
    return Egress(HostTable({"graph.example.com": f"http://127.0.0.1:{port}/graph.example.com"}))


async def test_simulated_host_is_reached_with_its_real_name() -> None:
    async with listening(answering(body=b'{"id":"1"}')) as server:
        egress = egress_to(server.port)
        answer = await egress.request("GET", SIMULATED, params={"a": "b c"})
        await egress.aclose()

    assert (answer.status, answer.json()) == (200, {"id": "1"})
    assert server.requests[0].startswith(b"GET /graph.example.com/v1/me?a=b+c HTTP/1.1\r\n")
    assert b"x-forwarded-host: graph.example.com" in server.requests[0].lower()


async def test_added_parameters_keep_the_query_of_the_address() -> None:
    async with listening(answering()) as server:
        egress = egress_to(server.port)
        await egress.request("GET", SIMULATED + "?after=x", params={"proof": "y"})
        await egress.aclose()

    assert b"?after=x&proof=y " in server.requests[0]


async def test_redirect_is_an_answer_and_is_not_followed() -> None:
    redirect = answering("302 Found", headers="Location: http://127.0.0.1:1/\r\n")
    async with listening(redirect) as server:
        egress = egress_to(server.port)
        answer = await egress.request("GET", SIMULATED)
        await egress.aclose()

    assert answer.status == 302
    assert server.connections == 1


async def test_cookies_are_not_kept() -> None:
    async with listening(answering(headers="Set-Cookie: a=b\r\n")) as server:
        egress = egress_to(server.port)
        await egress.request("GET", SIMULATED)
        await egress.request("GET", SIMULATED)
        await egress.aclose()

    assert b"cookie:" not in server.requests[1].lower()


async def test_proxy_variables_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(answering()) as proxy, listening(answering()) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        egress = egress_to(server.port)
        await egress.request("GET", SIMULATED)
        await egress.aclose()

    assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_loopback_is_refused_in_every_spelling(host: str) -> None:
    async with listening(answering()) as server:
        egress = Egress(HostTable({}), ports={server.port})
        with pytest.raises(EgressRefused):
            await egress.request("GET", f"http://{host}:{server.port}/", allow_http=True)
        await egress.aclose()

    assert server.connections == 0


def spellings(text: str) -> list[str]:
    """Return the ways to write an address that some resolver somewhere understands."""
    address = ip_address(text)
    if address.version == 6:
        return [f"[{text}]", f"[{address.exploded}]"]
    parts = text.split(".")
    number = int(address)
    return [
        text,
        text + ".",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0{int(part):o}" for part in parts),
        ".".join(hex(int(part)) for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"[::ffff:{text}]",
        f"[64:ff9b::{text}]",
        f"[::{text}]",
        text.translate(str.maketrans("0123456789.", "０１２３４５６７８９。")),
    ]


async def test_four_hundred_dangerous_addresses_are_refused_before_connecting() -> None:
    tried: list[str] = []

    async def wrong_turn(_host: str, _port: int) -> list[Address]:
        tried.append(_host)
        return []

    egress = Egress(HostTable({}), resolve=wrong_turn)
    hosts = [host for text in DANGEROUS for host in spellings(text)]
    for host in hosts:
        with pytest.raises(EgressRefused):
            await egress.request("GET", f"https://{host}/")
    await egress.aclose()

    assert len(hosts) >= 400
    assert tried == []


@pytest.mark.parametrize("text", DANGEROUS)
async def test_name_of_a_dangerous_address_is_refused(text: str) -> None:
    egress = Egress(HostTable({}), resolve=Names(["93.184.216.34", text]))
    with pytest.raises(EgressRefused):
        await egress.request("GET", "https://innocent.example/")
    await egress.aclose()


async def test_simulator_target_is_refused_when_asked_for_directly() -> None:
    async with listening(answering()) as server:
        table = HostTable({"graph.example.com": f"http://127.0.0.1:{server.port}"})
        egress = Egress(table, ports={server.port, 443})
        with pytest.raises(EgressRefused):
            await egress.request("GET", f"http://127.0.0.1:{server.port}/", allow_http=True)
        await egress.aclose()

    assert server.connections == 0


class Names:
    """A resolver with its answers in order; the last one is repeated."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> list[Address]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [ip_address(text) for text in answer]


def only_loopback_two(address: Address) -> str | None:
    """Stand in for the public internet: 127.0.0.2 is public, all else is not."""
    return None if address == ip_address("127.0.0.2") else "not public"


async def test_rebinding_name_never_reaches_the_inner_address() -> None:
    async with listening(answering(), "127.0.0.2") as public, listening(answering()) as inner:
        names = Names(["127.0.0.2"], ["127.0.0.1"])
        ports = {public.port, inner.port}
        egress = Egress(HostTable({}), resolve=names, judge=only_loopback_two, ports=ports)
        url = f"http://rebind.example:{public.port}/"
        assert (await egress.request("GET", url, allow_http=True)).status == 200
        for _ in range(20):
            with pytest.raises(EgressRefused):
                await egress.request("GET", f"http://rebind.example:{inner.port}/", allow_http=True)
        await egress.aclose()

    assert (public.connections, inner.connections) == (1, 0)
    assert names.asked == 21  # one look-up per connection: what was checked is what is called


async def test_one_inner_address_among_the_answers_refuses_all() -> None:
    async with listening(answering(), "127.0.0.2") as public:
        names = Names(["127.0.0.2", "127.0.0.1"])
        egress = Egress(HostTable({}), resolve=names, judge=only_loopback_two, ports={public.port})
        with pytest.raises(EgressRefused):
            await egress.request("GET", f"http://mixed.example:{public.port}/", allow_http=True)
        await egress.aclose()

    assert public.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:secret@example.com/",
        "https://example.com:22/",
        "ftp://example.com/",
        "example.com",
        "https://",
        "https://example.com/" + "x" * 9000,
    ],
)
async def test_address_of_the_wrong_form_is_refused(url: str) -> None:
    egress = Egress(HostTable({}), resolve=Names(["127.0.0.1"]), judge=lambda _: None)
    with pytest.raises(EgressRefused) as caught:
        await egress.request("GET", url)
    await egress.aclose()

    assert "secret" not in str(caught.value)


async def test_closed_port_means_nothing_left() -> None:
    async with listening(answering()) as server:
        port = server.port
    egress = egress_to(port)
    with pytest.raises(NotSent):
        await egress.request("POST", SIMULATED, json={})
    await egress.aclose()


async def test_unknown_name_means_nothing_left() -> None:
    async def nobody(_host: str, _port: int) -> list[Address]:
        raise OSError("no such name")

    egress = Egress(HostTable({}), resolve=nobody)
    with pytest.raises(NotSent):
        await egress.request("POST", "https://nobody.example/", json={})
    await egress.aclose()


async def test_slow_resolver_counts_as_connecting() -> None:
    async def slow(_host: str, _port: int) -> list[Address]:
        await asyncio.sleep(30)
        return []

    egress = Egress(HostTable({}), resolve=slow)
    with pytest.raises(NotSent):
        await egress.request("POST", "https://slow.example/", json={}, timeout_s=0.1)
    await egress.aclose()


@pytest.mark.parametrize("behave", [silent, hanging_up])
async def test_no_answer_after_the_request_left_may_have_worked(behave: object) -> None:
    async with listening(behave) as server:  # type: ignore[arg-type]  # parametrised callable
        egress = egress_to(server.port)
        with pytest.raises(MaybeSent):
            await egress.request("POST", SIMULATED, json={"a": 1}, timeout_s=0.3)
        await egress.aclose()

    assert server.connections == 1  # no retry
    assert server.requests[0].endswith(b'{"a":1}')


async def test_large_answer_is_cut_off() -> None:
    async with listening(answering(body=b"x" * 5000)) as server:
        egress = egress_to(server.port)
        with pytest.raises(AnswerRefused):
            await egress.request("GET", SIMULATED, max_bytes=1000)
        await egress.aclose()


async def test_gzip_is_read_and_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    zipped = "Content-Encoding: gzip\r\n"
    async with (
        listening(answering(body=gzip.compress(b'{"a":1}'), headers=zipped)) as good,
        listening(answering(body=bomb, headers=zipped)) as bad,
    ):
        egress, worse = egress_to(good.port), egress_to(bad.port)
        assert (await egress.request("GET", SIMULATED)).json() == {"a": 1}
        with pytest.raises(AnswerRefused, match="more than 100000 bytes"):
            await worse.request("GET", SIMULATED, max_bytes=100_000)
        await egress.aclose()
        await worse.aclose()

    assert len(bomb) < 100_000


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"not gzip")])
async def test_unreadable_answer_is_refused(encoding: str, body: bytes) -> None:
    async with listening(
        answering(body=body, headers=f"Content-Encoding: {encoding}\r\n")
    ) as server:
        egress = egress_to(server.port)
        with pytest.raises(AnswerRefused):
            await egress.request("GET", SIMULATED)
        await egress.aclose()


async def test_logs_and_errors_name_neither_query_nor_headers_nor_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with listening(answering()) as good, listening(hanging_up) as bad:
        with caplog.at_level(logging.DEBUG):
            egress, worse = egress_to(good.port), egress_to(bad.port)
            headers = {"authorization": "Bearer s3cret"}
            url = SIMULATED + "/s3cret?token=s3cret"
            await egress.request("GET", url, headers=headers)
            with pytest.raises(MaybeSent) as caught:
                await worse.request("POST", url, headers=headers, form={"token": "s3cret"})
            await egress.aclose()
            await worse.aclose()

    assert "graph.example.com" in caplog.text
    assert "s3cret" not in caplog.text + str(caught.value) + repr(caught.value)
