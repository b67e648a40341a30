"""Connecting a Facebook Page through the window, and every way this can end."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.rest import Client, Owner
from tests.e2e.windows import Windows, show

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEXT_STEP_MS = 10_000
"""SCREENS 7, check 21: within this a person reads what to do next."""


async def test_a_page_is_connected_and_the_window_closes_itself(
    owner: Owner, client: Client, windows: Windows
) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    popup = await open_window(page)
    await expect(popup.get_by_role("heading", name="Connect Facebook")).to_be_visible()
    await expect(popup.get_by_text("Awa Sarr asks to connect Facebook")).to_contain_text(
        client.name
    )
    await expect(page.get_by_role("heading", name="Finish in the other window")).to_be_visible()
    await show(popup, "connect-1-why")
    await popup.get_by_role("button", name="Continue to Facebook").click()
    await show(popup, "connect-2-consent")
    await popup.get_by_role("button", name="Continue as Awa Ndiaye").click()
    await expect(popup.get_by_role("heading", name="Choose what to connect")).to_be_visible()
    await expect(popup.get_by_label("Dakar Course à Pied")).to_have_count(0)
    await show(popup, "connect-3-choose")
    await popup.get_by_label("Maison Teranga").check()
    await popup.get_by_role("button", name="Connect the chosen accounts").click()
    await expect(popup.get_by_role("heading", name="Connected")).to_be_visible()
    await popup.wait_for_event("close", timeout=5000)

    row = page.get_by_role("row").filter(has_text="Maison Teranga")
    await expect(row).to_contain_text("Working")
    await expect(page.get_by_text("Connected: Maison Teranga").first).to_be_visible()
    await show(page, "accounts-en")


async def test_choosing_nothing_is_refused_at_the_list(
    owner: Owner, client: Client, windows: Windows
) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    popup = await consent(page)
    await popup.get_by_role("button", name="Connect the chosen accounts").click()

    await expect(popup.get_by_role("alert")).to_contain_text("Choose at least one account.")
    await expect(popup.get_by_role("heading", name="Choose what to connect")).to_be_visible()


async def test_a_refused_consent_connects_nothing_and_says_so_in_both_windows(
    owner: Owner, client: Client, windows: Windows
) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    popup = await open_window(page)
    await popup.get_by_role("button", name="Continue to Facebook").click()
    await popup.get_by_role("button", name="Cancel").click()

    await expect(popup.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    await show(popup, "connect-refused")
    await expect(page.get_by_role("button", name="Connect again")).to_be_visible()
    await expect(page.get_by_text("Nothing was connected").first).to_be_visible()
    assert (await client.call("GET", "/accounts"))["items"] == []


async def test_a_closed_window_leaves_a_next_step_within_ten_seconds(
    owner: Owner, client: Client, windows: Windows
) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    popup = await open_window(page)
    await popup.close()
    await expect(page.get_by_text("If it is gone, open it again.")).to_be_visible(
        timeout=NEXT_STEP_MS + 1500
    )
    async with page.expect_popup() as again:
        await page.get_by_role("button", name="Open it again").click()
    popup = await again.value
    await finish(popup, "Maison Teranga")

    await expect(page.get_by_role("row").filter(has_text="Maison Teranga")).to_contain_text(
        "Working"
    )


async def test_where_windows_are_blocked_a_link_does_the_same(
    owner: Owner, client: Client, windows: Windows
) -> None:
    await windows.context.add_init_script("window.open = () => null")
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    await connect_button(page).click()
    await expect(page.get_by_text("Your browser blocked the window.")).to_be_visible()
    async with windows.context.expect_page() as opened:
        await page.get_by_role("link", name="Open the connection page").click()
    await finish(await opened.value, "Atelier Ndar")

    await expect(page.get_by_role("row").filter(has_text="Atelier Ndar")).to_contain_text("Working")


async def test_a_person_without_a_page_is_told_what_is_missing(
    owner: Owner, client: Client, windows: Windows
) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    popup = await open_window(page)
    await popup.get_by_role("button", name="Continue to Facebook").click()
    await popup.get_by_role("link", name="Moussa Diop").click()
    await popup.get_by_role("button", name="Continue as Moussa Diop").click()

    await expect(popup.get_by_text("shows no page or channel that you manage")).to_be_visible()
    await expect(
        popup.get_by_role("button", name="Sign in there with another account")
    ).to_be_visible()
    await show(popup, "connect-no-page")


async def test_an_answer_of_the_platform_cannot_be_used_twice_or_elsewhere(
    owner: Owner, client: Client, windows: Windows
) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")
    requests: list[str] = []
    windows.context.on("request", lambda request: requests.append(request.url))

    popup = await consent(page)
    await popup.goto(next(url for url in requests if "/callback/" in url))
    await expect(popup.get_by_text("This answer was used already.")).to_be_visible()
    await popup.goto("/connect/callback/facebook?code=abc&state=invented")
    await expect(popup.get_by_text("We do not know the connection")).to_be_visible()
    await popup.goto("/connect/callback/facebook?code=abc")
    await expect(popup.get_by_text("without the sign we gave you")).to_be_visible()

    assert (await client.call("GET", "/accounts"))["items"] == []


async def test_reconnecting_keeps_one_account(
    owner: Owner, client: Client, windows: Windows
) -> None:
    before = await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    popup = await consent(page)
    await expect(popup.get_by_text("Connected already")).to_be_visible()
    await popup.get_by_label("Maison Teranga").check()
    await popup.get_by_role("button", name="Connect the chosen accounts").click()
    await popup.wait_for_event("close", timeout=5000)

    accounts = (await client.call("GET", "/accounts"))["items"]
    assert [one["id"] for one in accounts] == [before["id"]]


async def test_a_plugin_that_is_off_cannot_connect_and_the_page_says_who_turns_it_on(
    owner: Owner, windows: Windows
) -> None:
    client = await owner.new_client(plugin=False)
    page = await windows.as_(owner, f"/c/{client.slug}/accounts")

    await page.get_by_role("link", name="Turn on a plugin to connect").click()
    await page.get_by_role("link", name="Facebook").click()
    await page.get_by_role("button", name="Turn on Facebook").click()
    await expect(page.get_by_text("On", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Accounts").last.click()
    await expect(connect_button(page)).to_be_visible()
    await client.turn_on(enabled=False)
    await connect_button(page).click()

    await expect(page.get_by_role("alert").filter(has_text="is not turned on")).to_contain_text(
        "Awa Sarr"
    )


async def test_an_account_is_disconnected_after_a_question(
    owner: Owner, client: Client, windows: Windows
) -> None:
    account = await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/accounts/{account['id']}")

    await page.get_by_role("button", name="Disconnect Maison Teranga").click()
    await page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()

    await expect(page).to_have_url(f"/c/{client.slug}/accounts")
    assert [one["state"] for one in (await client.call("GET", "/accounts"))["items"]] in (
        [],
        ["disconnected"],
    )


def connect_button(page: Page) -> Locator:
    """Return the button that begins a connection."""
    return page.get_by_role("button", name="Connect Facebook")


async def open_window(page: Page) -> Page:
    """Click on Connect and return the window that opens."""
    async with page.expect_popup() as opening:
        await connect_button(page).click()
    popup = await opening.value
    await popup.wait_for_url("**/connect/*")
    return popup


async def consent(page: Page) -> Page:
    """Click as far as the choice of Pages."""
    popup = await open_window(page)
    await popup.get_by_role("button", name="Continue to Facebook").click()
    await popup.get_by_role("button", name="Continue as Awa Ndiaye").click()
    await expect(popup.get_by_role("heading", name="Choose what to connect")).to_be_visible()
    return popup


async def finish(popup: Page, name: str) -> None:
    """Click through the window from its first page to its end."""
    await popup.get_by_role("button", name="Continue to Facebook").click()
    await popup.get_by_role("button", name="Continue as Awa Ndiaye").click()
    await popup.get_by_label(name).check()
    await popup.get_by_role("button", name="Connect the chosen accounts").click()
    await expect(popup.get_by_role("heading", name="Connected")).to_be_visible()
