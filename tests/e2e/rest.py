"""The product over REST: people, clients, accounts and posts that a test starts from."""

import asyncio
import html
import itertools
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
from msgspec import Struct

from tests.e2e.pictures import PNG
from tests.e2e.product import Product

PASSWORD = "trois pirogues au soleil"
PATIENCE_S = 20.0
AWA, CLAIRE, MOUSSA = "10159384756102938", "10160293847561027", "10161827364509182"
"""People of the simulated Facebook; Moussa manages no Page."""
TERANGA, NDAR = "104837562918374", "110293847561029"
"""Pages that Awa manages."""
_numbers = itertools.count(1)


class Owner(Struct, kw_only=True):
    """An agency's owner, signed in over REST."""

    product: Product
    http: httpx.AsyncClient
    email: str
    locale: str

    async def new_client(self, *, plugin: bool = True, zone: str = "Africa/Dakar") -> "Client":
        """Create a client, with Facebook turned on."""
        name = f"Teranga Foods {next(_numbers)}"
        made = await self.call(
            "POST", "/v1/clients", {"name": name, "time_zone": zone, "locale": self.locale}
        )
        client = Client(owner=self, id=made["id"], slug=made["slug"], name=name)
        if plugin:
            await client.turn_on()
        return client

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that is expected to succeed and return what it answers."""
        if body is not None:
            options["json"] = body
        answer = await self.http.request(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


class Client(Struct, kw_only=True):
    """A client of the agency."""

    owner: Owner
    id: str
    slug: str
    name: str

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request below this client."""
        return await self.owner.call(method, f"/v1/clients/{self.id}{path}", body, **options)

    async def turn_on(self, *, enabled: bool = True) -> None:
        """Turn the Facebook plugin on or off."""
        await self.call("PUT", "/plugins/facebook", {"enabled": enabled})

    async def connect(self, person: str = AWA, page: str = TERANGA) -> dict[str, Any]:
        """Connect a Page as its person does, without a browser; return the account."""
        attempt = await self.call("POST", "/connections/attempts", {"adapter": "facebook"})
        origin = {"origin": self.owner.product.url}
        async with httpx.AsyncClient(follow_redirects=True) as browser:
            dialog = await browser.post(f"{attempt['url']}/continue", headers=origin)
            scopes = [
                html.unescape(one)
                for one in re.findall(r'name="scope" value="(\S+?)"', dialog.text)
            ]
            consent = {"person": person, "decision": "approve", "scope": scopes}
            choosing = await browser.post(dialog.url, data=consent)
            assert choosing.url.path.endswith("/choose"), choosing.text
            await browser.post(choosing.url, data={"remote_ids": page}, headers=origin)
        done = await self.call("GET", f"/connections/attempts/{attempt['id']}")
        account: dict[str, Any] = done["accounts"][0]
        return account

    async def upload(self, alt_text: str = "A red square") -> str:
        """Upload a picture and return its id."""
        files = {"file": ("dish.png", PNG, "image/png")}
        made = await self.call("POST", "/media", files=files, data={"alt_text": alt_text})
        return str(made["id"])

    async def publish(self, text: str, account_id: str, **more: Any) -> dict[str, Any]:
        """Write a piece and publish it, now or as ``more`` says; return the publication."""
        media = more.pop("media_ids", [])
        piece = await self.call("POST", "/pieces", {"text": text, "media_ids": media})
        body = {"piece_id": piece["id"], "account_ids": [account_id], **more}
        key = {"Idempotency-Key": str(uuid4())}
        made = await self.call("POST", "/publications", body, headers=key)
        publication: dict[str, Any] = made["items"][0]
        return publication

    async def publication(self, publication_id: str) -> dict[str, Any]:
        """Return one publication."""
        found: dict[str, Any] = await self.call("GET", f"/publications/{publication_id}")
        return found

    async def wait_for(self, publication_id: str, *states: str) -> dict[str, Any]:
        """Return the publication once it is in one of ``states``."""
        found: dict[str, Any] = await until(
            lambda: self.publication(publication_id), lambda found: found["state"] in states
        )
        return found


class Facebook(Struct, kw_only=True):
    """What the simulated platform holds, and the faults it is told to show."""

    product: Product

    async def posts(self, text: str) -> list[dict[str, Any]]:
        """Return the visible posts that contain ``text``."""
        async with httpx.AsyncClient() as http:
            state = (await http.get(f"{self.product.facebook}/_palabre/state")).json()
        return [one for one in state["posts"] if text in one["message"] and not one["deleted"]]

    async def fail(self, **rule: Any) -> None:
        """Switch a fault on; see ``palabre.sdk.faults``."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.product.facebook}/_palabre/faults", json=rule)
            assert answer.is_success, answer.text

    async def heal(self) -> None:
        """Switch every fault off."""
        async with httpx.AsyncClient() as http:
            await http.delete(f"{self.product.facebook}/_palabre/faults")


async def register(product: Product, locale: str = "en") -> Owner:
    """Found an agency and return its owner."""
    email = f"awa{next(_numbers)}@agency.example"
    http = httpx.AsyncClient(base_url=product.url, timeout=30)
    answer = await http.post(
        "/v1/auth/registrations",
        json={
            "agency_name": "Agence Baobab",
            "name": "Awa Sarr",
            "email": email,
            "password": PASSWORD,
            "locale": locale,
            "time_zone": "Africa/Dakar",
        },
    )
    assert answer.is_success, answer.text
    secret = await mailed_secret(http, email, "verify")
    answer = await http.post("/v1/auth/verifications", json={"secret": secret})
    assert answer.is_success, answer.text
    credentials = {"email": email, "password": PASSWORD, "keep": "body"}
    answer = await http.post("/v1/auth/sessions", json=credentials)
    assert answer.status_code == 201, answer.text
    http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    http.headers["accept-language"] = locale
    return Owner(product=product, http=http, email=email, locale=locale)


async def mailed_secret(http: httpx.AsyncClient, to: str, page: str) -> str:
    """Return the secret of the newest link to ``page`` that the demo mailed to ``to``."""
    link = re.compile(rf"/{page}#secret=([\w-]+)")

    async def secrets() -> list[str]:
        mails = (await http.get("/v1/mail-catcher", params={"limit": 50})).json()["items"]
        return [
            found[1] for one in mails if one["to"] == to and (found := link.search(one["text"]))
        ]

    found: list[str] = await until(secrets, bool)
    return found[0]


async def until(read: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Read again and again until what is read is good; fail with the last thing read."""
    deadline = time.monotonic() + PATIENCE_S
    found = await read()
    while not good(found):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.2)
        found = await read()
    return found
