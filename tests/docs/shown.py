"""What the documentation shows: its pages, the commands in them, and their links."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
SHELL = ("sh", "console")
# Blocks without a language show commands among their output: only these beginnings are commands.
OURS = ("switchboard ", "make ")
_FENCE = re.compile(r"^```(\w*)$")
_INLINE = re.compile(r"`((?:switchboard|make) [^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Shown:
    """One command as a page shows it."""

    page: Path
    line: int
    text: str

    @property
    def words(self) -> list[str]:
        """The command's words as a shell would see them, without a comment at its end."""
        return shlex.split(self.text, comments=True)

    def __str__(self) -> str:
        return f"{name_of(self.page)}:{self.line}: {self.text}"


def name_of(page: Path) -> str:
    """The page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def commands(page: Path) -> list[Shown]:
    """Every command in the page's fenced blocks, in order."""
    found = []
    for language, number, line in fenced(page):
        command = _command(language, line)
        if command:
            found.append(Shown(page, number, command))
    return found


def _command(language: str, line: str) -> str:
    if language == "console":
        return line.removeprefix("$ ") if line.startswith("$ ") else ""
    if language == "sh":
        return "" if line.startswith("#") else line.strip()
    if not language and line.startswith(OURS):
        return re.split(r"\s{2,}", line.strip())[0]
    return ""


def mentions(page: Path) -> list[Shown]:
    """Every command of ours that the page names in the middle of a sentence."""
    inside = {number for _, number, _ in fenced(page)}
    lines = enumerate(text_of(page).splitlines(), 1)
    prose = ((number, line) for number, line in lines if number not in inside)
    return [Shown(page, number, match) for number, line in prose for match in _INLINE.findall(line)]


def links(page: Path) -> list[str]:
    """The page's links to other parts of this repository."""
    found = _LINK.findall(text_of(page))
    return [link for link in found if not link.startswith(("http://", "https://", "mailto:"))]


def anchors(page: Path) -> set[str]:
    """The names under which the page's headings can be linked to."""
    inside = {number for _, number, _ in fenced(page)}
    lines = enumerate(text_of(page).splitlines(), 1)
    titles = [line.lstrip("#").strip() for number, line in lines if number not in inside and line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def fenced(page: Path) -> Iterator[tuple[str, int, str]]:
    """The lines inside fenced blocks: the block's language, the line's number, the line."""
    language: str | None = None
    for number, line in enumerate(text_of(page).splitlines(), 1):
        fence = _FENCE.match(line)
        if fence:
            language = fence.group(1) if language is None else None
        elif language is not None:
            yield language, number, line


def text_of(page: Path) -> str:
    """The page's text."""
    return page.read_text(encoding="utf-8")
