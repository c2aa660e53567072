"""Twilio's published specification of the API, as a judge of every answer the tests see."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

PUBLISHED = Path(__file__).parents[4] / "shared" / "specs" / "twilio_taskrouter_v1.strict.json"
ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "integer", "minimum": 20001, "maximum": 65_000},
        "message": {"type": "string", "minLength": 1},
        "more_info": {"type": "string", "pattern": "^https://www.twilio.com/docs/errors/[0-9]+$"},
        "status": {"type": "integer"},
    },
    "required": ["code", "message", "more_info", "status"],
    "additionalProperties": False,
}
Operation = tuple[str, str]

_formats = FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if isinstance(value, str):
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - only whether it can be read matters
    return True


@_formats.checks("uri-map")
def _is_uri_map(value: object) -> bool:
    return not isinstance(value, dict) or all(
        isinstance(each, str) and re.fullmatch(r"https?://[^\s/]+/v1/\S+", each) for each in value.values()
    )


class Spec:
    """Knows what the answer to each operation has to look like; without the file it knows errors only.

    An answer has every property of its schema and no other, as Twilio's own answers do. `seen` is what was judged.
    """

    def __init__(self, path: Path = PUBLISHED) -> None:
        self._path = path
        self.seen: set[Operation] = set()

    @property
    def is_here(self) -> bool:
        """Whether the published specification lies beside the repository."""
        return self._path.exists()

    @cached_property
    def document(self) -> dict[str, Any]:
        """The specification."""
        found: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    @cached_property
    def operations(self) -> frozenset[Operation]:
        """Every method and path that there is."""
        return frozenset(
            (method.upper(), path)
            for path, item in self.document["paths"].items()
            for method in item
            if method in ("get", "post", "delete")
        )

    def judge(self, method: str, url: str, status: int, text: str) -> None:
        """Fails unless an answer is as published."""
        if status >= 400:
            body = json.loads(text)
            assert _problems(ERROR, body) == []
            assert body["status"] == status
            return
        if not self.is_here:
            return
        operation = self.operation(method, urlsplit(url).path)
        self.seen.add(operation)
        responses = self.document["paths"][operation[1]][operation[0].lower()]["responses"]
        assert str(status) in responses, f"{operation} answers {list(responses)}, not {status}"
        content = responses[str(status)].get("content")
        if content is None:
            assert text == ""
            return
        problems = _problems(self._closed(content["application/json"]["schema"]), json.loads(text))
        assert problems == [], f"{operation}: {problems}"

    def operation(self, method: str, path: str) -> Operation:
        """The operation that serves a path; one that names it beats one that has a parameter there."""
        found = [each for each in self.operations if each[0] == method.upper() and _fits(each[1], path)]
        assert found, f"{method} {path} is no operation of the specification"
        return min(found, key=lambda each: each[1].count("{"))

    def _closed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The schema in JSON Schema's own words, with nothing left open that the specification names."""
        if "$ref" in schema:
            return self._closed(self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
        closed = {key: value for key, value in schema.items() if key not in ("nullable", "properties", "items")}
        if "items" in schema:
            closed["items"] = self._closed(schema["items"])
        if schema.get("properties"):
            closed["properties"] = {name: self._closed(each) for name, each in schema["properties"].items()}
            closed |= {"required": list(schema["properties"]), "additionalProperties": False}
        return {"anyOf": [closed, {"type": "null"}]} if schema.get("nullable") else closed


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _problems(schema: Mapping[str, Any], body: object) -> list[str]:
    errors = Draft202012Validator(dict(schema), format_checker=_formats).iter_errors(body)
    return [f"{error.json_path}: {error.message}"[:300] for error in errors]
