"""The manual of the owner's file says what is true."""

import re
from pathlib import Path

from app.core.expressions import parse
from app.owner import load, schema

MANUAL = (Path(__file__).parents[2] / "docs" / "owners-file.md").read_text(encoding="utf-8")


def test_the_smallest_file_loads() -> None:
    (smallest,) = re.findall(r"^```yaml\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    assert load(smallest).business == "Bob's Bikes"


def test_the_rules_it_shows_can_be_read() -> None:
    rules = re.findall(r"^\(?skills HAS .*$", MANUAL, re.MULTILINE)
    assert [parse(rule).text for rule in rules] == rules
    assert len(rules) == 3


def test_every_key_is_described_as_editors_describe_it() -> None:
    for sheet in (schema(), *schema()["$defs"].values()):
        for key, about in sheet.get("properties", {}).items():
            row = rf"\| `{re.escape(key)}`( \(needed\))? \| {re.escape(about['description'])} \|"
            assert re.search(row, MANUAL), f"docs/owners-file.md does not say: {key} | {about['description']}"
