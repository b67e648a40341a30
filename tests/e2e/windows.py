"""Browser windows of the tests: who is signed in, what they complain about, what they show."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.e2e.product import Product
from tests.e2e.rest import PASSWORD, Owner

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 360, "height": 740}
_REFUSED = "Failed to load resource: the server responded with a status of "
"""What Chromium writes for every refusal of the API, the ones a test asks for included."""


class Windows:
    """One browser with nothing remembered: its cookies, its windows, its complaints."""

    def __init__(self, product: Product, context: BrowserContext) -> None:
        self.product = product
        self.context = context
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self._own = {urlsplit(url).netloc for url in (product.url, product.simulators)}
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._see)

    @classmethod
    async def open(cls, product: Product, browser: Browser, **options: Any) -> "Windows":
        """Open a browser without memory. ``options`` as for Playwright's ``new_context``."""
        settings = {"locale": "en-GB", "timezone_id": "Africa/Dakar", "viewport": WIDE, **options}
        context = await browser.new_context(base_url=product.url, **settings)
        context.set_default_timeout(10_000)
        return cls(product, context)

    async def sign_in(self, owner: Owner) -> None:
        """Sign in without clicking: the cookie is what a browser would have."""
        answer = await self.context.request.post(
            "/v1/auth/sessions", data={"email": owner.email, "password": PASSWORD, "keep": "cookie"}
        )
        assert answer.ok, await answer.text()

    async def page(self, path: str) -> Page:
        """Open a window on ``path``."""
        page = await self.context.new_page()
        await page.goto(path)
        return page

    async def as_(self, owner: Owner, path: str) -> Page:
        """Sign ``owner`` in and open a window on ``path``."""
        await self.sign_in(owner)
        return await self.page(path)

    def _hear(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith((_REFUSED + "4", _REFUSED + "503"))
        if message.type in {"error", "warning"} and not refused:
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws"} and parts.netloc not in self._own:
            self.foreign.append(request.url)


async def show(page: Page, name: str) -> None:
    """Keep a picture of a key moment, wide and narrow, where ``E2E_SCREENSHOTS`` says."""
    folder = os.environ.get("E2E_SCREENSHOTS")
    if not folder:
        return
    before = page.viewport_size
    for title, size in (("wide", WIDE), ("narrow", NARROW)):
        await page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict of Playwright
        await page.screenshot(path=Path(folder) / f"{name}-{title}.png")
    if before is not None:
        await page.set_viewport_size(before)
