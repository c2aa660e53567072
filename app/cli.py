"""The `switchboard` command: one thin function a command. Exit codes: 0 done, 1 the answer is "no", 2 wrong input."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from app.commands.failures import AnswerIsNo, WrongInput
from app.commands.groups import keys, models
from app.commands.options import FILE, JSON, PIPED_WIDTH
from app.commands.settings import of_running_server, read_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="switchboard-ivr")
def main() -> None:
    """A call-queue server that listens: answers a number, understands the caller, and rings the right agent.

    Begin with `switchboard demo` (needs no phone account), then `switchboard init` and `switchboard serve`.
    """


@main.command()
@click.option("--folder", type=FILE, default=Path(), help="Where to write the two files. Default: here.")
@click.option("--account-sid", default="", help="The carrier's account; can be put into .env later.")
@click.option("--auth-token", default="", help="Its secret; can be put into .env later.")
@click.option("--force", is_flag=True, help="Overwrite files that are already there.")
def init(folder: Path, account_sid: str, auth_token: str, force: bool) -> None:
    """Ask a few questions, and write your owner's file and .env."""
    from app.commands.init import ask, write

    config, env = write(ask(), folder, account_sid, auth_token, force=force)
    click.echo(f"Wrote {config} (your rules; every line is yours to change) and {env} (settings and secrets).")
    click.echo(f"Try it without a phone:   switchboard call --type 'hello' --config {config}")
    click.echo("Serve real callers:       switchboard serve")


@main.command()
@click.option("--port", type=int, help="Pages, webhooks and media on this port. Default: PORT, else 5000.")
def serve(port: int | None) -> None:
    """Serve the real carrier with the settings of .env, until stopped."""
    from app.commands.serve import serve as run

    run(read_settings(port=port))


@main.command()
@click.option("--scenario", type=FILE, help="Another scenario file. Default: a morning at Unicone.")
@click.option("--keep", type=FILE, help="Keep logs and data in this folder.")
@JSON
def demo(scenario: Path | None, keep: Path | None, as_json: bool) -> None:
    """Run a whole simulated morning through the real server; exit 0 only if every call ended as it should."""
    from app.commands.demo import MORNING, DemoOptions
    from app.commands.demo import demo as run

    console = Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)
    run(read_settings(), DemoOptions(scenario or MORNING, as_json, keep), console)


@main.command()
@click.argument("wav", type=FILE, required=False)
@click.option("--type", "words", help="Words instead of a recording; recognition is skipped.")
@click.option("--config", type=FILE, help="The owner's file. Default: SWITCHBOARD_CONFIG, else the example.")
@JSON
def call(wav: Path | None, words: str | None, config: Path | None, as_json: bool) -> None:
    """Put one call through the whole server and print its story.

    Give a WAV of somebody speaking (any rate), or words: switchboard call --type "i want to order".
    """
    from app.commands.call import call_with_recording, call_with_words
    from app.commands.telling import as_json as document
    from app.commands.telling import story_lines
    from app.owner.load import UNICONE

    if (wav is None) == (words is None):
        raise WrongInput("give either a WAV file or --type 'words', not both.")
    settings = read_settings()
    file = config or settings.config_path or UNICONE
    if words is not None:
        click.echo("Recognition skipped: the words travel as if the carrier had recognized them.", err=True)
        report = call_with_words(settings, file, words)
    else:
        report = call_with_recording(settings, file, wav or Path())
    click.echo(json.dumps(document(report), indent=2) if as_json else "\n".join(story_lines(report)))


@main.command()
@click.argument("file", type=FILE, required=False)
@click.option("--carrier", is_flag=True, help="Look at the carrier's account instead: what will fail, and why.")
@click.option("--set", "put_right", is_flag=True, help="With --carrier: point the number's webhooks here.")
@JSON
def check(file: Path | None, carrier: bool, put_right: bool, as_json: bool) -> None:
    """Check an owner's file, or the carrier's account.

    Every mistake is shown at once (exit 2), and every way on which a caller could wait for ever. A rule in a file that
    can be used, but is proven never to do what it says, is a "no" (exit 1).
    """
    from app.commands.check import check_carrier, check_file, show_checked, show_findings
    from app.owner.load import UNICONE

    settings = read_settings()
    path = file or settings.config_path or UNICONE
    if carrier:
        show_findings(check_carrier(path, settings, put_right=put_right), as_json=as_json)
        return
    if put_right:
        raise WrongInput("--set goes with --carrier.")
    show_checked(path, check_file(path, settings), as_json=as_json)


@main.command()
def schema() -> None:
    """Print the JSON Schema of the owner's file, so that editors complete it."""
    from app.owner.schema import schema as owner_schema

    click.echo(json.dumps(owner_schema(), indent=2))


@main.command()
@click.argument("sid", metavar="CALL|TASK")
@JSON
def explain(sid: str, as_json: bool) -> None:
    """Tell the story of a call (past ones too) or task: every offer decided again, and why it still waits.

    CALL is the carrier's SID (CA…), TASK that of the live page or the TaskRouter API (WT…).
    """
    from app.commands.explaining import explain as run

    click.echo(run(of_running_server(), sid, as_json=as_json))


@main.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--words", help="Only these words, with commas: zero,one,two (where the model supports it).")
@click.option("--model", type=FILE, help="Another Vosk model's folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def transcribe(files: tuple[Path, ...], words: str | None, model: Path | None, as_json: bool) -> None:
    """Transcribe WAV or FLAC files through the same engine and settings as a call."""
    from app.commands.looking import transcribe as run

    for heard in run(read_settings(vosk_model=str(model) if model else None), files, words):
        click.echo(json.dumps(heard) if as_json else f"{heard['file']}: {heard['text']}")


@main.command()
@click.argument("text")
@click.option("--config", type=FILE, help="The owner's file. Default: SWITCHBOARD_CONFIG, else the example.")
@JSON
def score(text: str, config: Path | None, as_json: bool) -> None:
    """Show how a sentence is understood: mood, routes, keywords, and which model said so."""
    from app.commands.looking import score as run

    found = run(read_settings(), text, config)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(f"{key}: {found[key]}" for key in found))


@main.command()
@click.argument("name", required=False)
@click.argument("activity", type=click.Choice(["on", "off", "break"]), required=False)
@JSON
def agents(name: str | None, activity: str | None, as_json: bool) -> None:
    """List the agents, or put one on or off duty: switchboard agents anna off."""
    from app.commands.looking import list_agents, put_agent

    settings = of_running_server()
    if name and activity:
        if not put_agent(settings, name, activity):
            raise AnswerIsNo(f"{name}: the owner's file has no agent of this name.")
        click.echo(f"{name} is {activity} duty." if activity != "break" else f"{name} is on a break.")
        return
    listed = [agent for agent in list_agents(settings) if not name or agent["name"] == name]
    if name and not listed:
        raise AnswerIsNo(f"{name}: the running server has no agent of this name.")
    click.echo(json.dumps(listed, indent=2) if as_json else "\n".join(f"{a['name']:<16}{a['state']}" for a in listed))


@main.command()
@click.option("--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="How many days back.")
@JSON
def report(days: int, as_json: bool) -> None:
    """Calls offered, answered and abandoned, speed of answer and service level, day by day."""
    from app.commands.looking import report as run
    from app.commands.looking import report_table

    found = run(of_running_server(), days)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    Console().print(report_table(found))


main.add_command(keys)
main.add_command(models)


@main.command("import-taskrouter")
@click.argument("source", type=FILE, required=False)
@click.option("--workspace", default="", metavar="WS…", help="Which of the account's; needless if it has only one.")
@click.option("--queue", "queues", multiple=True, metavar="WQ…=RULE", help="For a lone workflow: who serves a queue.")
@click.option("--name", default="", help="For a lone workflow: what it is called. Default: the file's name.")
@click.option("--save", type=FILE, help="Also write what was read into this file, to be imported elsewhere.")
@click.option("--dry-run", is_flag=True, help="Store nothing: only say what would be done, and what is proven.")
@JSON
def import_taskrouter(source: Path | None, as_json: bool, **order: Any) -> None:
    """Run a TaskRouter workspace here: from the account, or from SOURCE, exported JSON (a file or a folder).

    SIDs stay. Again, it brings what is here up to date. Says what differs, and which paths are dead ends (exit 1).
    """
    from app.commands.importing import Order, show
    from app.commands.importing import import_taskrouter as run

    show(run(of_running_server(), Order(source=source, **order), Console(stderr=True)), as_json=as_json)


@main.command(hidden=True)
@click.argument("name")
def process(name: str) -> None:
    """Run one of the server's loops; the supervisor calls this."""
    from app.commands.processes import NAMES, run_process

    if name not in NAMES:
        raise WrongInput(f"{name}: there are {', '.join(NAMES)}.")
    run_process(name, read_settings())


if __name__ == "__main__":
    main()
