"""Every screen: accessible in both themes, no sideways scroll, in English and in French."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenWindows
from tests.e2e.rest import PASSWORD, Client, Facebook, Owner
from tests.e2e.windows import Windows, show

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT = Path(__file__).resolve().parents[2]
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST = {"width": 320, "height": 640}
SCREENS = {
    "publications": "/c/{client}/publications",
    "publications-empty": "/c/{empty}/publications",
    "published": "/c/{client}/publications/{published}",
    "failed": "/c/{client}/publications/{failed}",
    "content": "/c/{client}/content",
    "composer": "/c/{client}/content/{piece}",
    "accounts": "/c/{client}/accounts",
    "accounts-empty": "/c/{empty}/accounts",
    "account": "/c/{client}/accounts/{account}",
    "client-plugins": "/c/{client}/plugins",
    "plugin": "/c/{client}/plugins/facebook",
    "all-publications": "/publications",
    "clients": "/clients",
    "new-client": "/clients/new",
    "plugins": "/plugins",
    "settings": "/settings/profile",
    "nothing": "/c/{client}/nowhere",
}
OUTSIDE = {"sign-in": "/sign-in", "register": "/register"}
RAW = re.compile(
    r"\b(scheduled|held|publishing|checking|published|failed|cancelled|removed|refused|pending|"
    r"ready|processing|not_sent|unknown|needs_reconnect|expiring|revoked)\b"
)
"""Words of the API that are for programs."""


async def test_no_screen_breaks_an_accessibility_rule_or_scrolls_sideways(
    owner: Owner, client: Client, facebook: Facebook, open_windows: OpenWindows
) -> None:
    places = await fill(owner, client, facebook)
    outside = await open_windows(viewport=SMALLEST)
    inside = await open_windows(viewport=SMALLEST)
    await inside.sign_in(owner)

    found = await judge(await outside.page("/"), OUTSIDE, places)
    found |= await judge(await inside.page("/"), SCREENS, places)

    assert found == {}


async def test_no_page_of_the_connect_window_breaks_one_either(
    owner: Owner, client: Client, open_windows: OpenWindows
) -> None:
    windows = await open_windows(viewport=SMALLEST)
    attempt = await client.call("POST", "/connections/attempts", {"adapter": "facebook"})
    page = await windows.page(attempt["url"])

    found = {"why": await problems(page)}
    await page.get_by_role("button", name="Continue to Facebook").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    found["refused"] = await problems(page)
    await page.get_by_role("button", name="Start again").click()
    await page.get_by_role("button", name="Continue as Awa Ndiaye").click()
    await expect(page.get_by_role("heading", name="Choose what to connect")).to_be_visible()
    found["choose"] = await problems(page)
    await page.get_by_label("Atelier Ndar").check()
    await page.get_by_role("button", name="Connect the chosen accounts").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    found["done"] = await problems(page)

    assert {name: one for name, one in found.items() if one} == {}


async def test_french_is_french_on_every_screen(
    proprietaire: Owner, facebook: Facebook, windows: Windows
) -> None:
    client = await proprietaire.new_client()
    places = await fill(proprietaire, client, facebook)
    page = await windows.as_(proprietaire, "/")
    keys = re.compile(r"\b[a-z]+(?:\.[a-z]+){1,3}\b(?!\.(?:example|png))")
    english = english_sentences()

    found: dict[str, Any] = {}
    for name, path in SCREENS.items():
        await visit(page, path.format(**places))
        await show(page, f"fr-{name}")
        text = await page.inner_text("body")
        shown = {line.strip() for line in text.splitlines()}
        wrong = sorted(shown & english) + [key for key in keys.findall(text) if is_key(key)]
        wrong += RAW.findall(text)
        wrong += re.findall(r"\S[!?;]|\w:(?=\s)|«\S|\S»|\w'\w", text)
        if wrong:
            found[name] = wrong

    assert found == {}
    assert await page.locator("html").get_attribute("lang") == "fr"


async def test_the_language_changes_in_place_and_stays(owner: Owner, windows: Windows) -> None:
    page = await windows.page("/sign-in")

    await page.get_by_role("button", name="Français").click()
    await expect(page.get_by_role("heading", name="Se connecter à Palabre")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Se connecter à Palabre")).to_be_visible()
    await show(page, "sign-in-fr")


async def test_everything_is_done_without_a_pointer(
    owner: Owner, client: Client, windows: Windows, facebook: Facebook
) -> None:
    page = await windows.page(f"/sign-in?next=/c/{client.slug}/accounts")

    await tab_to(page, "Email address")
    await page.keyboard.type(owner.email)
    await tab_to(page, "Password")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
    await tab_to(page, "Connect Facebook")
    async with page.expect_popup() as opening:
        await page.keyboard.press("Enter")
    popup = await opening.value
    await popup.wait_for_url("**/connect/*")
    await tab_to(popup, "Continue to Facebook")
    await popup.keyboard.press("Enter")
    await popup.wait_for_url("**/dialog/oauth**")
    await tab_to(popup, "Continue as Awa Ndiaye")
    await popup.keyboard.press("Enter")
    await expect(popup.get_by_role("heading", name="Choose what to connect")).to_be_visible()
    await tab_to(popup, "Maison Teranga")
    await popup.keyboard.press("Space")
    await popup.keyboard.press("Enter")
    await popup.wait_for_event("close")

    await expect(page.get_by_role("link", name="Maison Teranga")).to_be_focused()
    await tab_to(page, "New content")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="New content for")).to_be_focused()
    await tab_to(page, "Maison Teranga")
    await page.keyboard.press("Space")
    await tab_to(page, "Text")
    await page.keyboard.type("Written without a mouse")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await tab_to(page, "Publish now on 1 account")
    await page.keyboard.press("Enter")

    await expect(page.locator(".chip").filter(has_text="Published")).to_be_visible()
    assert len(await facebook.posts("Written without a mouse")) == 1


async def fill(owner: Owner, client: Client, facebook: Facebook) -> dict[str, str]:
    """Give the client something on every screen; return what fills the addresses."""
    account = await client.connect()
    picture = await client.upload("Une assiette de riz" if owner.locale == "fr" else "Rice")
    await facebook.heal()
    published = await client.publish("Thiéboudienne", account["id"], media_ids=[picture])
    failed = await client.publish(f"sim:500 {client.slug}", account["id"])
    piece = await client.call("POST", "/pieces", {"text": "Yassa", "media_ids": [picture]})
    await client.wait_for(published["id"], "published")
    await client.wait_for(failed["id"], "failed")
    return {
        "client": client.slug,
        "empty": (await owner.new_client()).slug,
        "published": published["id"],
        "failed": failed["id"],
        "piece": piece["id"],
        "account": account["id"],
    }


async def judge(page: Page, screens: dict[str, str], places: dict[str, str]) -> dict[str, Any]:
    """Return what is wrong, by screen."""
    found = {}
    for name, path in screens.items():
        await visit(page, path.format(**places))
        if wrong := await problems(page):
            found[name] = wrong
    return found


async def visit(page: Page, path: str) -> None:
    """Open a screen and wait until it stands."""
    await page.goto(path)
    await expect(page.locator("h1").or_(page.locator(".message")).first).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def problems(page: Page) -> list[str]:
    """Return broken rules of axe, in both themes, and whether the page scrolls sideways."""
    found = await _broken(page, TAGS)
    await page.emulate_media(color_scheme="dark")
    found += [f"dark {one}" for one in await _broken(page, ["color-contrast"])]
    await page.emulate_media(color_scheme="light")
    width = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    return found + ([f"scrolls {width} px sideways"] if width > 0 else [])


async def _broken(page: Page, rules: list[str]) -> list[str]:
    """Return each element that breaks one of ``rules``: tags, or names of rules."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    results = await Axe().run(page, options=options)
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in results.response["violations"]
        for node in one["nodes"]
    ]


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is in focus carries ``name``; it must be visible there."""
    passed = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not await focused.count():
            continue
        words = await focused.evaluate(
            "it => it.labels?.[0]?.innerText || it.getAttribute('aria-label') || it.innerText"
        )
        passed.append(words)
        if words.strip().startswith(name):
            outline = await focused.evaluate("it => getComputedStyle(it).outlineStyle")
            assert outline != "none", f"The focus on {name} cannot be seen."
            return
    raise AssertionError(f"{name} is not reached by Tab; passed: {passed}")


def english_sentences() -> set[str]:
    """Return the sentences of the dashboard that French writes otherwise."""
    folder = ROOT / "api/dashboard/src/locales"
    english, french = (json.loads((folder / f"{one}.json").read_text()) for one in ("en", "fr"))
    return {
        text
        for key, text in english.items()
        if isinstance(text, str) and text != french[key] and "{" not in text
    } - set(french.values() if all(isinstance(v, str) for v in french.values()) else ())


def is_key(word: str) -> bool:
    """Tell whether a word is the key of a sentence."""
    files = (
        ROOT / "api/dashboard/src/locales/en.json",
        ROOT / "core/palabre/locales/en.json",
        ROOT / "plugins/facebook/palabre_facebook/locales/en.json",
    )
    return any(word in json.loads(file.read_text()) for file in files)
