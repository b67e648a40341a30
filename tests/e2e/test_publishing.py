"""Writing and publishing a post, and what a person reads when it does not go out at once."""

import json

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.pictures import PNG
from tests.e2e.rest import Client, Facebook, Owner, until
from tests.e2e.windows import Windows, show

pytestmark = pytest.mark.asyncio(loop_scope="session")
PICTURE = {"name": "dish.png", "mimeType": "image/png", "buffer": PNG}


async def test_a_post_with_a_picture_goes_out_and_stands_on_the_page(
    owner: Owner, client: Client, windows: Windows, facebook: Facebook
) -> None:
    await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/publications")

    await page.get_by_role("link", name="New content").first.click()
    await page.get_by_label("Maison Teranga").check()
    await page.get_by_label("Text").fill("Thiéboudienne today, until the pot is empty.")
    await expect(page.get_by_text("Maison Teranga: 44 of 63,206")).to_be_visible()
    await page.get_by_label("Add pictures").set_input_files(PICTURE)
    await page.get_by_label("Description of picture 1").fill("A plate of rice and fish")
    preview = page.get_by_role("complementary", name="Preview and checks")
    await expect(preview).to_contain_text("Thiéboudienne today")
    await expect(preview.get_by_role("img", name="A plate of rice and fish")).to_be_visible()
    await expect(preview).to_contain_text("Nothing to correct for Maison Teranga.")
    await show(page, "composer-en")
    await page.get_by_role("button", name="Publish now on 1 account").click()
    question = page.get_by_role("dialog")
    await expect(question).to_contain_text(f"Publish now on Maison Teranga for {client.name}?")
    await question.get_by_role("button", name="Publish now").click()

    await expect(chip(page, "Published")).to_be_visible()
    await expect(page.get_by_text("Published on Maison Teranga at")).to_be_visible()
    await show(page, "publication-published-en")
    await page.get_by_role("link", name="All publications").first.click()
    row = page.get_by_role("row").filter(has_text="Thiéboudienne today")
    await expect(row).to_contain_text("Published")
    await show(page, "publications-en")
    async with page.expect_popup() as opening:
        await row.get_by_role("link", name="See it there").click()
    post = await opening.value
    await expect(post.get_by_text("Thiéboudienne today, until the pot is empty.")).to_be_visible()
    picture = post.get_by_role("img", name="A plate of rice and fish")
    assert await picture.evaluate("image => image.complete && image.naturalWidth") == 640
    await show(post, "post-on-the-page")
    assert len(await facebook.posts("Thiéboudienne today")) == 1


async def test_nothing_that_the_platform_refuses_is_queued(
    owner: Owner, client: Client, windows: Windows
) -> None:
    await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/content/new")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")

    await publish_button(page).click()
    await expect(summary).to_contain_text("Choose at least one account")
    await expect(summary).to_contain_text("Write a text, or add a link or a picture")
    await page.get_by_label("Maison Teranga").check()
    await page.get_by_label("Text").fill("a" * 63_216)
    await expect(page.get_by_text("63,216 of 63,206, remove 10")).to_be_visible()
    await expect(page.get_by_role("complementary").get_by_role("alert")).to_be_visible()
    await publish_button(page).click()
    await expect(summary).to_contain_text("Text for Maison Teranga must be 63,206 characters")
    await page.get_by_label("Text").fill("Menu of the day")
    await page.get_by_label("Add pictures").set_input_files(
        {"name": "menu.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 menu"}
    )
    await expect(page.get_by_role("alert").filter(has_text="menu.pdf")).to_contain_text(
        "is not a picture we accept. Use JPEG, PNG, WebP or GIF."
    )
    await show(page, "composer-refused-en")

    assert (await client.call("GET", "/publications"))["items"] == []


async def test_a_post_is_scheduled_in_the_clients_own_time_and_cancelled(
    owner: Owner, windows: Windows, facebook: Facebook
) -> None:
    client = await owner.new_client(zone="Europe/Paris")
    await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/content/new")

    await page.get_by_label("Maison Teranga").check()
    await page.get_by_label("Text").fill("Ouverture de la terrasse")
    await page.get_by_label("At a time in Paris").check()
    await page.get_by_label("Day in Paris").fill("26 Nov 2037")
    await page.get_by_role("textbox", name="Time in Paris").fill("14:30")
    await expect(
        page.get_by_text("26 November 2037, 14:30 in Paris (13:30 for you)")
    ).to_be_visible()
    await page.get_by_role("button", name="Schedule on 1 account").click()

    await expect(chip(page, "Scheduled")).to_be_visible()
    made = (await client.call("GET", "/publications"))["items"][0]
    assert (made["due_at"], made["local_time"]) == ("2037-11-26T13:30:00Z", "2037-11-26T14:30:00")
    await show(page, "publication-scheduled-en")
    await page.get_by_role("button", name="Cancel this publication").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel this").click()
    await expect(chip(page, "Cancelled")).to_be_visible()
    assert await facebook.posts("Ouverture de la terrasse") == []


async def test_a_time_in_the_past_and_an_hour_that_does_not_exist_are_refused(
    owner: Owner, windows: Windows
) -> None:
    client = await owner.new_client(zone="Europe/Paris")
    await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/content/new")

    await page.get_by_label("Maison Teranga").check()
    await page.get_by_label("Text").fill("Too late")
    await page.get_by_label("At a time in Paris").check()
    await page.get_by_label("Day in Paris").fill("2024-05-02")
    await page.get_by_role("textbox", name="Time in Paris").fill("09:00")
    schedule = page.get_by_role("button", name="Schedule on 1 account")
    await schedule.click()
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    await expect(summary).to_contain_text("Choose a time in the future")
    await page.get_by_label("Day in Paris").fill("2037-03-29")
    await page.get_by_role("textbox", name="Time in Paris").fill("02:30")
    await schedule.click()
    await expect(summary).to_contain_text("02:30 does not exist")

    assert (await client.call("GET", "/publications"))["items"] == []


async def test_a_refused_post_fails_in_plain_words_and_can_be_tried_again(
    owner: Owner, client: Client, windows: Windows, facebook: Facebook
) -> None:
    account = await client.connect()
    refusal = {"error": {"message": "Refused", "code": 500, "type": "OAuthException"}}
    answer = {"status": 400, "body": json.dumps(refusal)}
    await facebook.fail(kind="before", path="*/feed", method="POST", answer=answer, count=1)
    made = await client.publish("Refused at first", account["id"])
    page = await windows.as_(owner, f"/c/{client.slug}/publications/{made['id']}")

    await expect(chip(page, "Failed")).to_be_visible()
    outcome = page.get_by_role("main").locator("section").first
    await expect(outcome).not_to_contain_text("500")
    await expect(outcome).to_contain_text("Is anything online?")
    await show(page, "publication-failed-en")
    await page.get_by_role("button", name="Try again").click()

    await expect(chip(page, "Published")).to_be_visible()
    assert len(await facebook.posts("Refused at first")) == 1


async def test_a_dead_permission_holds_posts_and_reconnecting_releases_them(
    owner: Owner, client: Client, windows: Windows, facebook: Facebook
) -> None:
    account = await client.connect()
    await facebook.fail(
        kind="before", path="*/feed", method="POST", preset="password_changed", count=1
    )
    made = await client.publish("Held for a while", account["id"])
    page = await windows.as_(owner, f"/c/{client.slug}/publications/{made['id']}")

    await expect(chip(page, "Held")).to_be_visible()
    await show(page, "publication-held-en")
    await page.get_by_role("link", name="Accounts").first.click()
    row = page.get_by_role("row").filter(has_text="Maison Teranga")
    await expect(row).to_contain_text("Reconnect")
    await expect(row).to_contain_text("1 publication held")
    await show(page, "accounts-reconnect-en")
    async with page.expect_popup() as opening:
        await row.get_by_role("button", name="Reconnect Maison Teranga").click()
    popup = await opening.value
    await popup.get_by_role("button", name="Continue to Facebook").click()
    await popup.get_by_role("button", name="Continue as Awa Ndiaye").click()
    await expect(popup.get_by_label("Maison Teranga")).to_be_checked()
    await popup.get_by_role("button", name="Connect the chosen accounts").click()

    await expect(row).to_contain_text("Working")
    await client.wait_for(made["id"], "published")
    assert len(await facebook.posts("Held for a while")) == 1


async def test_an_outcome_nobody_knows_is_checked_and_never_sent_again(
    owner: Owner, client: Client, windows: Windows, facebook: Facebook
) -> None:
    account = await client.connect()
    await facebook.fail(kind="after", path="*/feed", method="POST", preset="server_error", count=1)
    made = await client.publish("Nobody knows yet", account["id"])
    page = await windows.as_(owner, f"/c/{client.slug}/publications/{made['id']}")

    await expect(chip(page, "Checking")).to_be_visible()
    await expect(page.get_by_text("Not known")).to_be_visible()
    await expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    await show(page, "publication-checking-en")
    assert (await client.publication(made["id"]))["allowed_actions"] == []
    assert len(await facebook.posts("Nobody knows yet")) == 1


async def test_a_double_click_publishes_once(
    owner: Owner, client: Client, windows: Windows, facebook: Facebook
) -> None:
    await client.connect()
    page = await windows.as_(owner, f"/c/{client.slug}/content/new")

    await page.get_by_label("Maison Teranga").check()
    await page.get_by_label("Text").fill("Clicked twice")
    await publish_button(page).click()
    await page.get_by_role("dialog").get_by_role("button", name="Publish now").dblclick()

    await expect(chip(page, "Published")).to_be_visible()
    assert len((await client.call("GET", "/publications"))["items"]) == 1
    assert len(await facebook.posts("Clicked twice")) == 1


async def test_a_draft_survives_a_reload(owner: Owner, client: Client, windows: Windows) -> None:
    page = await windows.as_(owner, f"/c/{client.slug}/content/new")

    await page.get_by_label("Text").fill("Half a sentence")
    await until(
        lambda: page.evaluate("JSON.stringify(localStorage)"), lambda kept: "Half a" in kept
    )
    await page.reload()
    await expect(page.get_by_label("Text")).to_have_value("Half a sentence")
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.get_by_text("Draft saved.")).to_be_visible()

    pieces = (await client.call("GET", "/pieces"))["items"]
    assert [(one["text"], one["state"]) for one in pieces] == [("Half a sentence", "draft")]


def publish_button(page: Page) -> Locator:
    """Return the composer's main button."""
    return page.get_by_role("button", name="Publish now on")


def chip(page: Page, state: str) -> Locator:
    """Return the mark that shows the state of the publication in view."""
    return page.get_by_role("main").locator(".chip").filter(has_text=state)
