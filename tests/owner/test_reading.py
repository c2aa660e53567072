"""Files that are no YAML, or no text at all, get one clear line."""

from pathlib import Path

import pytest

from app.owner import OwnerFileError, load
from app.owner.reader import MAX_BYTES


def complaint(source: Path | str) -> str:
    with pytest.raises(OwnerFileError) as caught:
        load(source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: the file says nothing (begin with a line like `business: Unicone`)"),
        ("# only a comment\n", "1:1: the file says nothing (begin with a line like `business: Unicone`)"),
        ("- a\n", "1:1: the file is not made of `name: value` lines (begin with a line like `business: Unicone`)"),
        ("hello", "1:1: the file is not made of `name: value` lines (begin with a line like `business: Unicone`)"),
        ("a:\n\tb: 1\n", "2:1: a tab is used as indentation (use spaces instead of tabs)"),
        ("a: 1\nbusiness Unicone\nb: 2\n", "2:1: a colon is missing on this line (write it as `name: value`)"),
        ("a: 1\nbusiness Unicone\n", "2:1: a colon is missing on this line (write it as `name: value`)"),
        ("a: b: c\n", "1:5: a second colon on one line (put quotes round text that holds a colon and a space)"),
        ("a:\n    b: 1\n  c: 2\n", "3:3: this line does not line up with those above (check its indentation)"),
        ("a: [1, 2\n", "2:1: a bracket is not closed, or a comma is missing (check the brackets)"),
        ("a: [1,", "1:7: a bracket is not closed (close it with ] or })"),
        ("a: 'x\nb: 1\n", "1:4: a quotation mark is not closed (put the same mark at the end of the text)"),
        ("a: 'x' y\n", "1:8: the text goes on after its quotation mark (put double quotes round the whole text)"),
        ('a: "c:\\data"\n', "1:8: a \\ in double quotes means something else (use single quotes)"),
        ("a: @home\n", "1:4: text cannot begin with this character (put quotes round the text)"),
        ("keys:\n  *7: {to: voicemail}\n", "2:3: keys that begin with * need quotes (write them like this: '*7')"),
        ("a: 1\0", "1:5: the file holds a character that text cannot hold (retype this line in a plain editor)"),
        ("a: " + "[" * 50, "1:24: too many levels inside each other (simplify the file)"),
    ],
)
def test_what_yaml_cannot_read_is_said_in_words(text: str, expected: str) -> None:
    assert complaint(text) == f"owner.yaml:{expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: *b\n", "1:4: *b refers to nothing above (to mean the keys, put quotes round it: '*b')"),
        ("a: &x [*x]\n", "1:8: *x refers to nothing above (to mean the keys, put quotes round it: '*x')"),
        ("a: !!python/object:os.system x\n", "1:4: tag:yaml.org,2002:python/object:os.system is not used in this file"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here (remove the line `---`)"),
        ("a: 1\na: 2\n", '2:1: "a" is written twice (the first is on line 1; keep one of them)'),
        ("? [a]\n: 1\n", "1:3: a name is expected before the colon (write it as `name: value`"),
    ],
)
def test_what_yaml_allows_but_this_file_does_not_is_said_beside_other_mistakes(text: str, expected: str) -> None:
    assert f"owner.yaml:{expected}" in complaint(text)


def test_a_bomb_of_references_does_not_go_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert complaint("\n".join(lines)).endswith("too many values for an owner's file (leave out the repetitions)")


def test_a_missing_file_a_folder_and_a_huge_file_get_one_line(tmp_path: Path) -> None:
    gone, huge = tmp_path / "gone.yaml", tmp_path / "huge.yaml"
    huge.write_text("# x\n" * (MAX_BYTES // 4 + 1), encoding="utf-8")
    assert complaint(gone) == (
        f"{gone}:1:1: there is no such file (check the name, or write one with `switchboard init`)"
    )
    assert complaint(tmp_path) == f"{tmp_path}:1:1: this is a folder, not a file (name the file inside it)"
    assert complaint(huge) == f"{huge}:1:1: the file is larger than 500 kB (is it really the owner's file?)"


def test_a_file_in_another_encoding_is_found_out(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("business: x\ngreeting: Café\n".encode("latin-1"))
    assert complaint(file) == f"{file}:2:14: this is not UTF-8 text (save the file as UTF-8 in your editor)"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "marked.yaml"
    file.write_bytes("\ufeffbusiness: Eis-Café\r\ntime zone: UTC\r\n".encode())
    assert load(file).business == "Eis-Café"


def test_words_stay_what_owners_mean_by_them() -> None:
    text = """\
business: Nordlys
time zone: Europe/Oslo
number: +1 202 555 0100
language: no
agents:
  on: {phone: +12025550111, starts: off, escalation only: no}
  off: {phone: "+1 (202) 555-0112", starts: on, languages: [no, en]}
queues:
  null: {serves: "1 == 1"}
hours: {mon: 9:30-17:00}
routes:
  yes: {words: [yes, no, on], key: 07, to: {queue: "null"}}
"""
    config = load(text)
    assert (config.number, config.language, list(config.agents)) == ("+12025550100", "no", ["on", "off"])
    assert [agent.starts_available for agent in config.agents.values()] == [False, True]
    assert config.agents["off"].languages == ("no", "en")
    assert config.routes["yes"].keywords == ("yes", "no", "on")
    assert config.routes["yes"].key == "07"
    assert config.hours is not None
    assert str(config.hours.slots[0].opens) == "09:30:00"
