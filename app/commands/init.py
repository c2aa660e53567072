"""`switchboard init`: a few questions, and the owner's file and `.env` that answer them."""

from pathlib import Path

import click

from app.commands.failures import WrongInput
from app.owner.load import load
from app.owner.problems import OwnerFileError
from app.owner.writer import Answers, RouteAnswer, write_owner_file

ENV = """# Written by `switchboard init`; .env.example explains every line there can be.
SWITCHBOARD_CONFIG={config}
TWILIO_ACCOUNT_SID={sid}
TWILIO_AUTH_TOKEN={token}
TWILIO_CALLER_ID={number}
"""


def ask() -> Answers:
    """Asks for everything a first owner's file needs."""
    business = click.prompt("What is your business called?")
    number = click.prompt("Which number do callers dial? (like +12025550100)")
    owner = click.prompt("Your own first name?")
    cell = click.prompt("Your own cell phone? (callers nobody answers are rung through to it)")
    zone = click.prompt("Time zone?", default=_local_zone())
    hours = click.prompt("Opening hours, Monday to Friday?", default="9:00-17:00")
    weekend = click.prompt("On the weekend?", default="closed")
    routes = []
    click.echo("What do callers call about? One line each; an empty line ends.")
    while name := click.prompt("  About (like: orders)", default="", show_default=False):
        words = click.prompt("    Words they use for it, with commas", default=name)
        routes.append(RouteAnswer(name, tuple(word.strip() for word in words.split(",") if word.strip())))
    return Answers(
        business=business,
        number=number,
        owner=owner,
        cell=cell,
        time_zone=zone,
        hours={"mon-fri": hours, "sat-sun": weekend},
        routes=tuple(routes),
    )


def _local_zone() -> str:
    zone = Path("/etc/localtime")
    parts = zone.resolve().parts
    return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "America/New_York"


def write(answers: Answers, folder: Path, sid: str, token: str, *, force: bool) -> tuple[Path, Path]:
    """Writes both files; refuses to overwrite, and to write a file that would not load."""
    name = "".join(letter if letter.isalnum() else "-" for letter in answers.business.lower()).strip("-") or "shop"
    config, env = folder / f"{name}.yaml", folder / ".env"
    taken = [str(path) for path in (config, env) if path.exists()]
    if taken and not force:
        raise WrongInput(f"{', '.join(taken)}: already there. Use --force to overwrite, or --folder for another place.")
    text = write_owner_file(answers)
    try:
        load(text)
    except OwnerFileError as error:
        raise WrongInput(f"these answers do not make a valid file:\n{error}") from error
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(text)
    env.touch(mode=0o600)
    env.write_text(ENV.format(config=config.name, sid=sid, token=token, number=answers.number))
    return config, env
