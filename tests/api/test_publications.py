"""Every endpoint of publications: its doors, what it refuses, what it does."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.base.settings import Settings
from palabre.domains.agencies.views import Isolation
from tests.faults.bench import Bench, make_bench
from tests.faults.board import Platform, registry
from tests.support.api import Api, assert_error, check_doors, running_app

pytestmark = pytest.mark.both_homes


class Stage:
    """The application with a bench and a signed-in editor."""

    def __init__(self, bench: Bench, nobody: Api, editor: Api) -> None:
        self.bench = bench
        self.nobody = nobody
        self.editor = editor
        self.path = bench.world.path + "/publications"

    async def create(self, text: str = "Bonjour", **more: Any) -> httpx.Response:
        """Create publications through the API."""
        body = {
            "piece_id": str(await self.bench.piece(text)),
            "account_ids": [str(self.bench.account_id)],
            **more,
        }
        return await self.editor.post(self.path, body, headers=_key())


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(new_id())}


def _id(one: dict[str, Any]) -> UUID:
    return UUID(one["id"])


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest_asyncio.fixture
async def stage(
    settings: Settings,
    platform: Platform,
    isolation: Isolation,
    make_silo: Callable[[Settings], str],
) -> AsyncIterator[Stage]:
    if isolation == "dedicated":
        make_silo(settings)
    async with running_app(settings, MovableClock(), registry(platform)) as app:
        bench = await make_bench(app.state.runtime, platform, isolation=isolation)
        nobody = Api(app)
        yield Stage(bench, nobody, await nobody.as_(bench.world.editor))


class TestValidate:
    async def test_doors(self, stage: Stage) -> None:
        body = {"account_ids": [str(stage.bench.account_id)], "text": "a"}
        await check_doors(
            stage.nobody,
            stage.bench.world,
            "POST",
            "/publications:validate",
            refused="viewer",
            json=body,
        )

    async def test_says_what_is_wrong_account_by_account(self, stage: Stage) -> None:
        body = {
            "account_ids": [str(stage.bench.account_id)],
            "text": "x" * 201,
            "publish_at": "2020-01-01T10:00",
        }
        answer = (await stage.editor.post(stage.path + ":validate", body)).json()
        (account,) = answer["accounts"]
        assert (account["ok"], account["length"], account["max_length"]) == (False, 201, 200)
        assert account["violations"] == [
            {
                "field": "text",
                "code": "too_long",
                "message": "Text for Teranga must be 200 characters or fewer. Remove 1.",
            }
        ]
        assert [one["code"] for one in answer["time"]] == ["past"]

    async def test_an_account_of_nobody_is_refused(self, stage: Stage) -> None:
        body = {"account_ids": [str(new_id())], "text": "a"}
        answer = await stage.editor.post(stage.path + ":validate", body)
        assert_error(answer, 422, "invalid", field="account_ids")


class TestCreate:
    async def test_doors(self, stage: Stage) -> None:
        body = {"piece_id": str(new_id()), "account_ids": [str(new_id())]}
        await check_doors(
            stage.nobody,
            stage.bench.world,
            "POST",
            "/publications",
            refused="viewer",
            json=body,
            headers=_key(),
        )

    async def test_publishes_now(self, stage: Stage) -> None:
        answer = await stage.create()
        assert answer.status_code == 201, answer.text
        (one,) = answer.json()["items"]
        assert (one["state"], one["kind"], one["text"]) == ("scheduled", "text", "Bonjour")
        assert (one["time_zone"], one["allowed_actions"]) == ("Africa/Dakar", ["cancel"])
        assert one["account"]["platform_name"] == "Board"

    async def test_a_repeat_with_the_same_key_makes_nothing_new(self, stage: Stage) -> None:
        body = {
            "piece_id": str(await stage.bench.piece("Bonjour")),
            "account_ids": [str(stage.bench.account_id)],
        }
        key = _key()
        first = await stage.editor.post(stage.path, body, headers=key)
        again = await stage.editor.post(stage.path, body, headers=key)
        assert first.json() == again.json()
        listed = (await stage.editor.get(stage.path)).json()["items"]
        assert len(listed) == 1

    async def test_needs_a_key(self, stage: Stage) -> None:
        body = {"piece_id": str(new_id()), "account_ids": [str(new_id())]}
        answer = await stage.editor.post(stage.path, body)
        assert_error(answer, 422, "idempotency_key_required", field="Idempotency-Key")

    @pytest.mark.parametrize(
        ("more", "code", "field"),
        [
            ({"publish_at": "2020-01-01T10:00"}, "invalid", "publish_at"),
            ({"publish_at": "soon"}, "invalid", "publish_at"),
            ({"time_zone": "Mars/Base"}, "invalid", "time_zone"),
            ({"account_ids": []}, "invalid", "account_ids"),
        ],
    )
    async def test_refused_input(
        self, stage: Stage, more: dict[str, Any], code: str, field: str
    ) -> None:
        assert_error(await stage.create(**more), 422, code, field=field)

    async def test_refused_content_names_the_account(self, stage: Stage) -> None:
        details = assert_error(await stage.create("x" * 300), 422, "content_refused", field="text")
        assert "Teranga" in details["fields"][0]["message"]

    async def test_a_local_time_is_that_of_the_zone(self, stage: Stage) -> None:
        more = {"publish_at": "2031-07-01T10:00", "time_zone": "Europe/Paris"}
        (one,) = (await stage.create(**more)).json()["items"]
        assert one["due_at"] == "2031-07-01T08:00:00Z"
        assert one["local_time"] == "2031-07-01T10:00:00"


class TestReading:
    async def test_doors(self, stage: Stage) -> None:
        (one,) = (await stage.create()).json()["items"]
        await check_doors(stage.nobody, stage.bench.world, "GET", "/publications")
        await check_doors(stage.nobody, stage.bench.world, "GET", f"/publications/{one['id']}")
        assert_error(await stage.nobody.get("/v1/publications"), 401, "not_signed_in")

    async def test_filters(self, stage: Stage) -> None:
        await stage.create()
        for state, count in (("scheduled", 1), ("published", 0), ("checking", 0)):
            answer = await stage.editor.get(stage.path, params={"state": state})
            assert len(answer.json()["items"]) == count
        wrong = await stage.editor.get(stage.path, params={"state": "lost"})
        assert wrong.status_code in {400, 422}

    async def test_the_agency_sees_its_clients_and_strangers_nothing(self, stage: Stage) -> None:
        await stage.create()
        for person, count in (("owner", 1), ("viewer", 1), ("stranger", 0)):
            api = await stage.nobody.as_(getattr(stage.bench.world, person))
            assert len((await api.get("/v1/publications")).json()["items"]) == count

    async def test_one_shows_its_sends(self, stage: Stage) -> None:
        (one,) = (await stage.create()).json()["items"]
        await stage.bench.work(_id(one))
        shown = (await stage.editor.get(f"{stage.path}/{one['id']}")).json()
        assert (shown["state"], shown["permalink"]) == ("published", "https://board.example/p1")
        assert [step["state"] for step in shown["steps"]] == ["published"]


class TestDeciding:
    @pytest.mark.parametrize("verb", ["cancel", "retry", "resolve"])
    async def test_doors(self, stage: Stage, verb: str) -> None:
        (one,) = (await stage.create()).json()["items"]
        path = f"/publications/{one['id']}/{verb}"
        options = {"json": {"online": True}} if verb == "resolve" else {}
        await check_doors(
            stage.nobody, stage.bench.world, "POST", path, refused="viewer", **options
        )

    async def test_cancel(self, stage: Stage) -> None:
        (one,) = (await stage.create()).json()["items"]
        path = f"{stage.path}/{one['id']}/cancel"
        assert (await stage.editor.post(path)).json()["state"] == "cancelled"
        details = assert_error(await stage.editor.post(path), 409, "publication_state")
        assert details["state"] == "cancelled"

    async def test_retry(self, stage: Stage) -> None:
        stage.bench.platform.faults.append("refuse")
        (one,) = (await stage.create()).json()["items"]
        path = f"{stage.path}/{one['id']}/retry"
        assert_error(await stage.editor.post(path), 409, "publication_state")
        await stage.bench.work(_id(one))
        assert (await stage.editor.post(path)).json()["state"] == "scheduled"

    async def test_resolve(self, stage: Stage) -> None:
        (one,) = (await stage.create()).json()["items"]
        path = f"{stage.path}/{one['id']}/resolve"
        assert_error(await stage.editor.post(path, {"online": True}), 409, "publication_state")
        wrong = await stage.editor.post(path, {"online": True, "url": "javascript:1"})
        assert wrong.status_code in {400, 422}
