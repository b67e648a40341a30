"""The reference people read, drawn from the OpenAPI document by one template."""

import json
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(document: dict[str, Any]) -> str:
    """Return the page: operations by tag, each with parameters, body, answers and errors."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                shown = _operation(path, method.upper(), operation)
                groups.setdefault(operation["tags"][0], []).append(shown)
    return _TEMPLATES.get_template("reference.html").render(
        info=document["info"], groups=dict(sorted(groups.items()))
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    answers = operation["responses"]
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method,
        "text": operation.get("description", ""),
        "role": operation.get("x-role"),
        "signed": bool(operation["security"]),
        "parameters": operation.get("parameters", []),
        "body": _example(operation.get("requestBody") or {}),
        "answers": [
            {"status": status, "text": answer.get("description", ""), "body": _example(answer)}
            for status, answer in sorted(answers.items())
            if status < "400"
        ],
        "errors": [
            {"status": status, "code": _code(answer), "text": answer["description"]}
            for status, answer in sorted(answers.items())
            if status >= "400"
        ],
    }


def _example(part: dict[str, Any]) -> str:
    for content in part.get("content", {}).values():
        return json.dumps(content.get("example"), indent=2, ensure_ascii=False)
    return ""


def _code(answer: dict[str, Any]) -> str:
    for content in answer.get("content", {}).values():
        return str(content.get("example", {}).get("error", {}).get("code", ""))
    return ""
