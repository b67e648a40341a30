"""White-label in a browser: previewed, saved, worn by every page, and before sign-in by host."""

import json
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.e2e.pictures import PNG
from tests.e2e.product import Product
from tests.e2e.rest import Owner, register
from tests.e2e.test_screens import problems
from tests.e2e.windows import Windows, show

pytestmark = pytest.mark.asyncio(loop_scope="session")
FOCUS = "rgb(27, 79, 214)"
"""The ring of focus in light: never branded."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def boss(product: Product) -> Any:
    """The owner of an agency of this test's own: its look may change."""
    registered = await register(product)
    yield registered
    await registered.http.aclose()


async def background(page: Page, button: str) -> str:
    """Return the colour a button is filled with."""
    found: str = await page.get_by_role("button", name=button).evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    return found


async def test_the_colour_is_previewed_saved_and_worn_everywhere(
    boss: Owner, windows: Windows
) -> None:
    page = await windows.as_(boss, "/settings/branding")
    await page.get_by_label("Colour", exact=True).fill("#FFD400")
    preview = page.get_by_role("figure").first
    await expect(preview.get_by_text("#A58800 · 4.9:1")).to_be_visible()
    await expect(page.get_by_text("becomes #A58800 on buttons")).to_be_visible()
    await expect(page.get_by_text("becomes #7F6900 on links")).to_be_visible()
    assert await background(page, "Save changes") == "rgb(11, 101, 118)"

    await page.get_by_role("button", name="Save changes").click()

    await expect(page.get_by_text("Saved.")).to_be_visible()
    assert await background(page, "Save changes") == "rgb(165, 136, 0)"
    await page.get_by_label("Colour", exact=True).focus()
    ring = await page.evaluate("getComputedStyle(document.activeElement).outlineColor")
    assert ring == FOCUS
    await show(page, "branding")
    assert await problems(page) == []

    client = await boss.new_client(plugin=False)
    await page.goto(f"/c/{client.slug}/settings/branding")
    await expect(page.get_by_role("heading", name=f"Branding of {client.name}")).to_be_visible()
    await expect(page.get_by_role("button", name="Save changes")).to_have_css(
        "background-color", "rgb(165, 136, 0)"
    )


async def test_a_colour_that_is_none_is_said_beside_its_field(
    boss: Owner, windows: Windows
) -> None:
    page = await windows.as_(boss, "/settings/branding")
    field = page.get_by_label("Colour", exact=True)

    await field.fill("yellow")
    await page.get_by_role("button", name="Save changes").click()

    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(".summary")).to_contain_text("# and six digits")


async def test_the_logo_stands_in_the_shell(boss: Owner, windows: Windows) -> None:
    page = await windows.as_(boss, "/settings/branding")

    await page.locator("#logo").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": PNG}
    )

    logo = page.get_by_role("banner").locator("img.logo")
    await expect(logo).to_be_visible()
    assert await logo.evaluate("async e => { await e.decode(); return e.naturalWidth }") > 0
    assert not (await page.title()).endswith("Palabre")
    await page.get_by_role("button", name="Remove the logo").click()
    await expect(logo).to_have_count(0)


async def test_a_domain_is_added_checked_in_vain_and_removed(boss: Owner, windows: Windows) -> None:
    page = await windows.as_(boss, "/settings/branding")
    await page.get_by_label("Domain, such as").fill("app.palabre-test.invalid")
    await page.get_by_role("button", name="Add the domain").click()
    await expect(page.get_by_text("Waiting for proof")).to_be_visible()

    await page.get_by_role("button", name="Check now").click()
    await expect(page.get_by_text("did not answer over https")).to_be_visible()
    assert await problems(page) == []
    await page.get_by_role("button", name="Remove the domain").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Remove the domain").click()
    await expect(page.get_by_text("app.palabre-test.invalid")).to_have_count(0)


async def test_the_sign_in_page_wears_what_its_host_stands_for(
    boss: Owner, windows: Windows
) -> None:
    """Which host stands for whom is seen over the API; here one is answered as if proven."""
    saved = await boss.call("PUT", "/v1/branding", {"colour": "#E30613"})
    look = saved["effective"]
    answer = {"name": "Agence Baobab", "logo_url": None, "roles": look["roles"]}
    asked: list[str] = []

    async def fulfil(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(body=json.dumps(answer), content_type="application/json")

    await windows.context.route("**/v1/public/branding?*", fulfil)

    page = await windows.page("/sign-in")

    await expect(page.get_by_role("heading", name="Sign in to Agence Baobab")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign in")).to_have_css(
        "background-color", "rgb(227, 6, 19)"
    )
    assert asked[0].endswith(f"host={windows.product.url.partition('//')[2].replace(':', '%3A')}")
    await show(page, "sign-in-branded")
    assert await problems(page) == []
