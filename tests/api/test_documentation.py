"""The OpenAPI document: examples everywhere that fit, plain names, and answers that match it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from palabre_api.openapi import write_openapi
from tests.support.api import Api, World
from tests.support.json_schema import faults


@pytest.fixture(scope="module", name="document")
def _document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As the build of the dashboard writes it: no server runs."""
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    write_openapi(path)
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                yield operation


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where a body stands, and its content: the request's and those of every answer."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield f"{operation['operationId']} request", content
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            yield f"{operation['operationId']} {status}", content


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    components = document["components"]["schemas"]
    seen = 0
    for operation in operations(document):
        answers = [status for status in operation["responses"] if status < "400"]
        assert answers, operation["operationId"]
        for place, content in bodies(operation):
            assert content.get("example") is not None, place
            assert faults(content["example"], content["schema"], components) == [], place
            seen += 1
    assert seen > 100


def test_every_operation_says_what_it_does_and_every_schema_has_a_plain_name(
    document: dict[str, Any],
) -> None:
    for operation in operations(document):
        assert operation["summary"], operation["operationId"]
        assert operation["description"].startswith(operation["summary"])
    # Litestar puts the module before a name that two Structs share.
    assert [name for name in document["components"]["schemas"] if not name.isalnum()] == []


async def test_an_answer_has_the_fields_the_document_promises(
    api: Api, world: World, document: dict[str, Any]
) -> None:
    owner = await api.as_(world.owner)
    for path in ("/v1/me", "/v1/clients", "/v1/plugins", "/v1/publications"):
        answer = (await owner.get(path)).json()
        shape = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        assert faults(answer, shape["schema"], document["components"]["schemas"]) == [], path


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"id": 1}, "$.id: 1 is not string"),
        ({"id": "x"}, "$.id: 'x' is no uuid"),
        ({}, "$.id: missing"),
        ({"id": "01a1fc2b-7d91-78ea-8375-0f7aad3790b3", "more": 1}, "$.more: not in the schema"),
    ],
)
def test_a_value_that_does_not_fit_is_seen(value: dict[str, Any], fault: str) -> None:
    one = {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}}

    found = faults(value, {**one, "required": ["id"]}, {})

    assert found == [fault]
