"""The documentation holds together: links, paths, settings, commands and addresses are those that exist."""

import re
from pathlib import Path

import click
import pytest

from app.bootstrap.installation import Installation
from app.bootstrap.web import build
from app.cli import main
from app.settings import Settings
from tests.docs.shown import PAGES, ROOT, anchors, commands, links, mentions, name_of, text_of

HTTP_PAGE = ROOT / "docs" / "http-api.md"
MANUAL = [page for page in PAGES if page.name != "CHANGELOG.md"]
VISIBLE = {name: command for name, command in main.commands.items() if not command.hidden}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)} links to {link}, but {target.name} has no such heading"


@pytest.mark.parametrize("page", MANUAL, ids=name_of)
def test_every_path_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:app|docs|models|speech|tests)/[\w./-]*)`", text_of(page))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, left = {ROOT / "README.md"}, [ROOT / "README.md"]
    while left:
        page = left.pop()
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in links(page) if link[0] != "#"}
        new = {target for target in targets if target.suffix == ".md"} - reached
        reached |= new
        left.extend(new)
    assert [name_of(page) for page in PAGES if page not in reached] == []


def test_the_example_environment_explains_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE)
    assert sorted(named) == sorted(Settings().to_environment())


def test_the_values_shown_in_the_example_environment_are_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# ([A-Z][A-Z_]+)=(.+)$", example, re.MULTILINE))
    assert Settings.from_environment(shown) == Settings()


@pytest.mark.parametrize("name", sorted(VISIBLE))
def test_every_command_has_help_for_itself_and_for_each_option(name: str) -> None:
    command = VISIBLE[name]
    assert command.help
    bare = [option.name for option in command.params if isinstance(option, click.Option) and not option.help]
    assert bare == []


@pytest.mark.parametrize("name", sorted(VISIBLE))
def test_every_command_is_in_the_manual(name: str) -> None:
    shown = [item.text for page in MANUAL for item in (*commands(page), *mentions(page))]
    assert any(f"switchboard {name}" in text for text in shown), f"no page says what `switchboard {name}` is for"


def test_the_http_page_names_every_address_and_no_other(tmp_path: Path, redis_url: str) -> None:
    settings = Settings(redis_url=redis_url, workspace="pages", data_dir=tmp_path, admin_password="correct horse")
    app = build(Installation(settings))
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/v1/")}
    rows = [line for line in text_of(HTTP_PAGE).splitlines() if line.startswith(("| `", "`GET /live`"))]
    cells = " ".join(row.split("|")[1] if row.startswith("|") else row for row in rows)
    named = set(re.findall(r"`(?:GET |POST )?(/[^`\s]*)`", cells))
    assert rules - named == set()
    assert named - rules == set()
