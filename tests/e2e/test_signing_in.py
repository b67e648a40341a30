"""How people come in: the demo's link, a password, a new agency."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenWindows
from tests.e2e.product import Product
from tests.e2e.rest import PASSWORD, Owner
from tests.e2e.windows import Windows, show

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_printed_link_signs_in_once(product: Product, open_windows: OpenWindows) -> None:
    first, second = await open_windows(), await open_windows()

    page = await first.page(product.link)
    await expect(page.get_by_role("heading", name="Clients")).to_be_visible()
    assert "link=" not in page.url

    refused = await second.page(product.link)
    await expect(refused.get_by_text("This sign-in link has been used")).to_be_visible()
    await expect(refused.get_by_label("Email address")).to_be_visible()


async def test_a_password_signs_in_and_leads_back_to_the_page_asked_for(
    owner: Owner, windows: Windows
) -> None:
    page = await windows.page("/clients")

    await expect(page.get_by_role("heading", name="Sign in to Palabre")).to_be_visible()
    await show(page, "sign-in-en")
    await page.get_by_label("Email address").fill(owner.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("heading", name="Clients")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Clients")).to_be_visible()


async def test_a_wrong_password_is_refused_in_words_and_the_email_stays(
    owner: Owner, windows: Windows
) -> None:
    page = await windows.page("/sign-in")

    await page.get_by_label("Email address").fill(owner.email)
    await page.get_by_label("Password", exact=True).fill("not the password")
    await page.get_by_role("button", name="Sign in").click()

    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    await expect(summary).to_contain_text("The email address and the password do not match.")
    await expect(summary).to_be_focused()
    await expect(page.get_by_label("Email address")).to_have_value(owner.email)
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")


async def test_a_new_agency_registers_and_creates_its_first_client(windows: Windows) -> None:
    page = await windows.page("/sign-in")

    await page.get_by_role("link", name="Create one").click()
    await page.get_by_label("Name of your agency").fill("Studio Fleuve")
    await page.get_by_label("Your name").fill("Marième Fall")
    await page.get_by_label("Email address").fill("marieme@fleuve.example")
    await page.get_by_label("Password", exact=True).fill("un fleuve large et calme")
    await page.get_by_role("button", name="Create the agency").click()

    await expect(page.get_by_text("Studio Fleuve has no client yet.")).to_be_visible()
    await page.get_by_role("link", name="New client").click()
    await page.get_by_label("Name of the client").fill("Ndar Café")
    await page.get_by_label("Time zone").fill("Africa/Dakar")
    await page.get_by_role("button", name="Create client").click()

    await expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
    await expect(page).to_have_url("/c/ndar-cafe/accounts")
    await expect(page.get_by_text("No account connected yet.")).to_be_visible()


async def test_signing_out_ends_the_session(owner: Owner, windows: Windows) -> None:
    page = await windows.as_(owner, "/clients")

    await page.get_by_role("button", name="Menu of Awa Sarr").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in to Palabre")).to_be_visible()

    await page.goto("/clients")
    await expect(page.get_by_role("heading", name="Sign in to Palabre")).to_be_visible()
