"""Whatever an owner's file holds, it loads or its mistakes are listed; nothing else ever happens."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.config import Config
from app.owner import OwnerFileError, load, schema
from app.owner.reader import read_source, read_tree
from app.owner.tree import plain

relaxed = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SHOP = Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8")
LINES = SHOP.splitlines()

# Keys of the file in places where they belong and where they do not, with values of every kind.
_KEYS = sorted({key for sheet in [schema(), *schema()["$defs"].values()] for key in sheet.get("properties", {})})
_VALUES = st.sampled_from(
    ["", "yes", "1", "-3", "0.5", "10 s", "[]", "{}", "[a, 1]", "{a: b}", "'*7'", "+12025550123", "voicemail",
     "{queue: sales}", "{menu: m}", "skills HAS 'orders'", "skills HAS", "9:00-17:00", "null", "*a", "&a b", "!!int x",
     "|\n      text", "\"\\x41\"", "{number: 5}", "[{after: 5 s}]", "{a: {to: {person: a}}}", "{mon: closed}"]
)  # fmt: skip


def outcome(text: str | Path, overlay: str | None = None) -> Config | tuple[str, ...]:
    """The rules, or the mistakes; each mistake has a place within the text."""
    try:
        return load(text, overlay)
    except OwnerFileError as error:
        return tuple(str(problem) for problem in error.problems)


def is_answered(text: str | Path, overlay: str | None = None) -> bool:
    found = outcome(text, overlay)
    return isinstance(found, Config) or (len(found) > 0 and all(":" in line and "(" in line for line in found))


@relaxed
@given(st.text(max_size=60) | st.text(alphabet="a:-[]{}&*!|>'\"%@`#,? \n\t\\xU0", max_size=40))
def test_any_text(text: str) -> None:
    assert is_answered(text)


@relaxed
@given(st.binary(max_size=60))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.yaml"
    file.write_bytes(data)
    assert is_answered(file)


@relaxed
@given(st.lists(st.tuples(st.sampled_from(["", "  ", "    "]), st.sampled_from(_KEYS), _VALUES), max_size=12))
def test_any_keys_with_any_values(lines: list[tuple[str, str, str]]) -> None:
    assert is_answered("".join(f"{indent}{key}: {value}\n" for indent, key, value in lines))


@relaxed
@given(st.data())
def test_a_good_file_with_some_lines_spoilt(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["remove", "repeat", "value", "letter", "indent"]))
        if change == "remove":
            del lines[at]
        elif change == "repeat":
            lines.insert(at, lines[at])
        elif change == "value":
            lines[at] = lines[at].partition(":")[0] + ": " + data.draw(_VALUES)
        elif change == "letter":
            cut = data.draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + data.draw(st.sampled_from("x:'\"[{,-#")) + lines[at][cut:]
        else:
            lines[at] = "  " + lines[at]
    assert is_answered("\n".join(lines))


@relaxed
@given(st.sampled_from(_KEYS), _VALUES)
def test_any_overlay(key: str, value: str) -> None:
    assert is_answered(SHOP, f"{key}: {value}\n")


@relaxed
@given(st.text(alphabet="+-0123456789 ()abcx", max_size=18), st.text(alphabet="0123456789:-, hmsclosed", max_size=20))
def test_any_number_and_any_hours(number: str, hours: str) -> None:
    text = f'business: x\ntime zone: UTC\nnumber: "{number}"\nhours: {{mon: "{hours}"}}\noffers: {{ring: "{hours}"}}\n'
    assert is_answered(text)


@relaxed
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-999, 999) | st.text(alphabet="ab :{}'\"", max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_json_says_is_read_as_json_means_it(value: object) -> None:

    tree, problems = read_tree(read_source("top: " + json.dumps(value)))
    assert (plain(tree), problems) == ({"top": value}, [])
