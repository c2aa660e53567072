"""Commands of commands: API keys, and speech models; like all of them, each is one thin function."""

import json
import sys

import click
from rich.console import Console

from app.commands.failures import AnswerIsNo, WrongInput
from app.commands.options import INDEX, JSON, PIPED_WIDTH
from app.commands.settings import of_running_server, read_settings


@click.group()
def keys() -> None:
    """API keys for programs that use the TaskRouter API."""


@keys.command("create")
@click.argument("name")
@JSON
def keys_create(name: str, as_json: bool) -> None:
    """Make a key; its secret is shown now and never again."""
    from app.commands.keys import create

    key, secret = create(of_running_server(), name)
    text = f"{key.sid}\n{secret}\nThe second line is the secret: keep it, it cannot be shown again."
    click.echo(json.dumps({"sid": key.sid, "name": key.name, "secret": secret}) if as_json else text)


@keys.command("list")
@JSON
def keys_list(as_json: bool) -> None:
    """Show every key, without its secret."""
    from app.commands.keys import listed

    found = listed(of_running_server())
    click.echo(json.dumps(found) if as_json else "\n".join(f"{k['sid']}  {k['created']}  {k['name']}" for k in found))


@keys.command("revoke")
@click.argument("sid")
def keys_revoke(sid: str) -> None:
    """Take a key out of use, at once."""
    from app.commands.keys import revoke

    revoke(of_running_server(), sid)
    click.echo(f"{sid} opens nothing any more.")


@click.group(invoke_without_command=True)
@JSON
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """Say which models are in use and what they are good for; list the published ones, and fetch one."""
    from app.commands.looking import models_in_use

    if context.invoked_subcommand:
        if as_json:
            raise WrongInput(f"--json goes behind `{context.invoked_subcommand}`.")
        return
    found = models_in_use(read_settings())
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(f"{key}: {found[key]}" for key in found))


@models.command("list")
@click.option("--lang", help="Only models for this language, such as en, en-us or de.")
@click.option("--all", "everything", is_flag=True, help="Obsolete ones as well, and those that do not hear.")
@INDEX
@JSON
def models_list(lang: str | None, everything: bool, index: str | None, as_json: bool) -> None:
    """Show which speech models are installed, and which are published."""
    from app.commands.models import overview, show_overview

    found = overview(read_settings(), index, lang, everything=everything)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        show_overview(found, Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH))
    if found["problem"]:
        raise AnswerIsNo(found["problem"])


@models.command("fetch")
@click.argument("name")
@click.option("--sha256", default="", help="Install it only if the downloaded file has this checksum.")
@INDEX
@JSON
def models_fetch(name: str, sha256: str, index: str | None, as_json: bool) -> None:
    """Download and install a published speech model; say what to put into .env.

    Begin with vosk-model-small-en-us-0.15 (40 MB). What was stopped half-way goes on where it was.
    """
    from app.commands.models import fetch, told

    done = fetch(read_settings(), name, index, sha256, Console(stderr=True))
    click.echo(json.dumps(done, indent=2) if as_json else told(done))
