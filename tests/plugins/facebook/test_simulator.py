"""The simulator itself: mount, fault switch, dialog, and the rules of the wire format."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from palabre.net.hosts import HostTable
from palabre.sdk.errors import UnknownOutcome
from palabre.sdk.simulator import Simulator
from palabre.sdk.values import FilePart
from palabre.simulators import host_table_text, simulator_app
from palabre_facebook.plugin import palabre_simulators
from palabre_facebook.publisher import FacebookPages

from .support import AWA, TERANGA, Facebook, png, text_post

FAULTS = "https://graph.facebook.com/_palabre/faults"
DIALOG = "https://www.facebook.com/v26.0/dialog/oauth"


async def graph(facebook: Facebook, method: str, path: str, **more: Any) -> Any:
    """Call the Graph host without the adapter; ``page_token`` becomes token and proof."""
    token = more.pop("page_token", "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    url = f"https://graph.facebook.com/v26.0/{path}"
    params = {**more.pop("params", {}), "appsecret_proof": proof(token)}
    answer = await facebook.http.request(
        method, url, params=params, headers=headers, repeatable=True, **more
    )
    return answer.json()


def proof(token: str) -> str:
    return hmac.new(b"simulated-app-secret", token.encode(), hashlib.sha256).hexdigest()


async def page_token(facebook: Facebook) -> str:
    return (await (await facebook.page()).token()).secret.reveal()


async def test_index_lists_what_is_simulated(facebook: Facebook) -> None:
    table = HostTable({"graph.facebook.com": facebook.origin})
    facebook.egress.host_table = table
    answer = await facebook.http.request("GET", "https://graph.facebook.com/")

    assert 'href="/www.facebook.com/_palabre/faults"' in answer.content.decode()
    unknown = await facebook.http.request("GET", "https://graph.facebook.com/nowhere.example/")
    assert unknown.status == 404


def test_host_table_names_every_host() -> None:
    text = host_table_text(list(palabre_simulators()), "http://127.0.0.1:8801")
    wild = Simulator("demo", hosts=("*.share.example",), make=lambda _: _none)

    table = HostTable.parse(text + "," + host_table_text([wild], "http://127.0.0.1:8801/"))
    for host in ("www.facebook.com", "graph.facebook.com", "a.share.example"):
        assert table.resolve(f"https://{host}/x").url == f"http://127.0.0.1:8801/{host}/x"


async def _none(*_: Any) -> None:
    return None


def test_two_simulators_of_one_host_are_refused(tmp_path: Path) -> None:
    twice = [Simulator(key, hosts=("a.example",), make=lambda _: _none) for key in ("a", "b")]
    with pytest.raises(ValueError, match=r"a\.example"):
        simulator_app(twice, "http://127.0.0.1:8801", tmp_path)


async def test_faults_are_listed_counted_and_cleared(facebook: Facebook) -> None:
    await facebook.fault("before", path="*/me", method="GET", count=2, preset="app_limit")
    for expected in (4, 4, 2500):
        assert (await graph(facebook, "GET", "me"))["error"]["code"] == expected
    listed = (await facebook.http.request("GET", FAULTS)).json()
    assert [(rule["path"], rule["hits"]) for rule in listed["rules"]] == [("*/me", 2)]
    assert "token_expired" in listed["presets"]
    cleared = (await facebook.http.request("DELETE", FAULTS)).json()
    assert cleared["rules"] == []


@pytest.mark.parametrize("rule", [{"kind": "explode"}, {"kind": "before", "preset": "no such"}])
async def test_unknown_fault_is_refused(facebook: Facebook, rule: dict[str, str]) -> None:
    assert (await facebook.http.request("POST", FAULTS, json=rule)).status == 422


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "1", "redirect_uri": "https://a.example"},
        {"client_id": "880012345678901", "redirect_uri": "/relative"},
        {
            "client_id": "880012345678901",
            "redirect_uri": "https://a.example",
            "scope": "pages_show_list,everything",
        },
    ],
)
async def test_dialog_that_facebook_does_not_show(
    facebook: Facebook, query: dict[str, str]
) -> None:
    answer = await facebook.website.request("GET", DIALOG, params=query)

    assert answer.status == 400
    assert "location" not in answer.headers


async def test_dialog_says_who_is_asked_for_what(facebook: Facebook) -> None:
    query = {
        "client_id": "880012345678901",
        "redirect_uri": "https://a.example/?x=1",
        "scope": "pages_manage_posts",
        "state": '"><script>',
    }
    shown = (await facebook.website.request("GET", DIALOG, params=query)).content.decode()

    assert "Continue as Awa Ndiaye" in shown
    assert "Create and manage content on your Page" in shown
    assert "<script>" not in shown
    form = {"decision": "deny", "person": AWA}
    answer = await facebook.website.request("POST", DIALOG, params=query, form=form)
    assert answer.headers["location"].startswith("https://a.example/?x=1&error=access_denied&")


async def test_answers_carry_metas_headers(facebook: Facebook) -> None:
    url = f"https://graph.facebook.com/v25.0/{TERANGA}"
    answer = await facebook.http.request("GET", url)

    assert answer.headers["facebook-api-version"] == "v25.0"
    assert "call_count" in answer.headers["x-app-usage"]
    assert TERANGA in answer.headers["x-business-use-case-usage"]
    assert answer.json()["error"]["fbtrace_id"]


async def test_attached_media_must_be_unused_and_the_pages_own(facebook: Facebook) -> None:
    token = await page_token(facebook)
    part = FilePart(filename="a.png", content_type="image/png", content=png())
    photo = await graph(
        facebook,
        "POST",
        f"{TERANGA}/photos",
        page_token=token,
        form={"published": "false"},
        files={"source": part},
    )
    form = {"message": "m", "attached_media": f'[{{"media_fbid":"{photo["id"]}"}}]'}
    path = f"{TERANGA}/feed"
    first = await graph(facebook, "POST", path, page_token=token, form=form)
    again = await graph(facebook, "POST", path, page_token=token, form=form)
    broken = await graph(
        facebook, "POST", path, page_token=token, form={"attached_media": "text", "message": "n"}
    )

    assert first["id"].startswith(f"{TERANGA}_")
    assert again["error"]["code"] == 100
    assert broken["error"]["code"] == 100
    read = await graph(
        facebook, "GET", photo["id"], page_token=token, params={"fields": "page_story_id,images"}
    )
    assert (read["page_story_id"], read["images"][0]["width"]) == (first["id"], 4)


async def test_empty_post_and_foreign_page_are_refused(facebook: Facebook) -> None:
    token = await page_token(facebook)
    empty = await graph(facebook, "POST", f"{TERANGA}/feed", page_token=token)
    foreign = await graph(
        facebook, "POST", "110293847561029/feed", page_token=token, json={"message": "m"}
    )

    assert empty["error"]["code"] == 100
    assert foreign["error"]["code"] == 10


async def test_withdrawn_permission_is_missing_at_once(facebook: Facebook) -> None:
    token = await page_token(facebook)
    grant = await facebook.connect()
    person = grant.access_token.reveal()
    await graph(facebook, "DELETE", f"{AWA}/permissions/pages_manage_posts", page_token=person)
    rows = (await graph(facebook, "GET", "me/permissions", page_token=person))["data"]
    refused = await graph(
        facebook, "POST", f"{TERANGA}/feed", page_token=token, form={"message": "m"}
    )

    assert {"permission": "pages_manage_posts", "status": "declined"} in rows
    assert refused["error"]["code"] == 200


async def test_report_counts_every_request_to_publish_and_holds_no_token(
    facebook: Facebook,
) -> None:
    ctx = await facebook.page()
    await facebook.fault("after", preset="server_error")
    with pytest.raises(UnknownOutcome):
        await FacebookPages().submit(ctx, text_post("Bonjour"))
    report = await facebook.report()

    assert [(r["edge"], r["message"]) for r in report["receipts"]] == [("feed", "Bonjour")]
    assert report["receipts"][0]["result"] == report["posts"][0]["id"]
    assert "EAA" not in str(report)
    assert any(call["path"].endswith("/oauth/access_token") for call in report["calls"])


async def test_avatar_is_a_picture(facebook: Facebook) -> None:
    answer = await facebook.http.request("GET", f"https://graph.facebook.com/{TERANGA}/picture")

    assert answer.headers["content-type"] == "image/svg+xml"
