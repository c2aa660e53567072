"""`switchboard check`: what is wrong with an owner's file, with what the speech model can hear, or at the carrier."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

import speech
from app.bootstrap.carrier import account_of, links_of
from app.bootstrap.ears import engine_of
from app.bootstrap.installation import Installation
from app.commands.failures import AnswerIsNo, WrongInput
from app.commands.serve import with_address
from app.core.config import Config
from app.owner.load import load
from app.owner.problems import OwnerFileError, Problem
from app.owner.proofs import Proven, proofs
from app.owner.vocabulary import missing_words
from app.settings import Settings
from app.telephony.twilio.account import Expected, Finding, Level, examine, set_webhooks
from app.telephony.twilio.rest import create_client

_MARKS = {Level.GOOD: "ok     ", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}


def read_owner_file(path: Path, overlay: Path | None = None) -> Config:
    """The file, or exit code 2 with every mistake in it."""
    try:
        return load(path, overlay)
    except OwnerFileError as error:
        raise WrongInput("\n" + str(error)) from error


@dataclass(frozen=True, slots=True)
class Checked:
    """What is worth knowing about a file that can be used: words that are never heard, and what is proven of it."""

    unheard: Sequence[Problem]
    proofs: Sequence[Proven]

    @property
    def warnings(self) -> list[str]:
        """All that may be meant."""
        likely = (proof for proof in self.proofs if proof.severity == "warning")
        return [str(found) for found in (*self.unheard, *likely)]

    @property
    def errors(self) -> list[str]:
        """What is certain not to do what it says."""
        return [str(proof) for proof in self.proofs if proof.severity == "error"]


def check_file(path: Path, settings: Settings) -> Checked:
    """Reads a file, or exit code 2 with every mistake; then what it does that its owner may not have meant."""
    config = read_owner_file(path, settings.overlay_path)
    try:
        engine = engine_of(settings)
    except speech.ModelUnusable as error:
        raise WrongInput(str(error)) from error
    unheard = missing_words(config, lambda word: not engine.words_missing([word]), path)
    return Checked(unheard, proofs(config, path, settings.overlay_path))


def show_checked(path: Path, checked: Checked, *, as_json: bool) -> None:
    """Prints what was found; exit code 1 if something in the file is proven not to do what it says."""
    warnings, errors = checked.warnings, checked.errors
    if as_json:
        proven = [asdict(proof) for proof in checked.proofs]
        click.echo(json.dumps({"file": str(path), "warnings": warnings, "proofs": proven}, indent=2))
    else:
        for kind, found in (("error", errors), ("warning", warnings)):
            for text in found:
                click.echo(f"{kind}: {text}", err=True)
    counted = ", ".join(f"{len(found)} {name}" for name, found in (("errors", errors), ("warnings", warnings)) if found)
    if errors:
        raise AnswerIsNo(f"{path}: can be used, but not all of it does what it says: {counted}")
    if not as_json:
        click.echo(f"{path}: no mistakes" + (f", {counted}" if counted else ""))


def check_carrier(path: Path, settings: Settings, *, put_right: bool) -> list[Finding]:
    """Looks at the account, and points the number's webhooks here if asked to."""
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        raise WrongInput("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set: put them into .env (see .env.example).")
    settings = with_address(settings)
    if not settings.public_url:
        raise WrongInput("PUBLIC_URL is not set and no ngrok runs here: the carrier has no address to call.")
    config = read_owner_file(path, settings.overlay_path)
    caller_id = settings.twilio_caller_id or config.number
    installation = Installation(replace(settings, twilio_caller_id=caller_id))
    phones = tuple((agent.name, agent.phone) for agent in config.agents.values())
    expected = Expected(links_of(installation), caller_id, phones)
    client = create_client(account_of(installation))
    done = [set_webhooks(client, expected)] if put_right else []
    return done + examine(client, expected)


def show_findings(findings: list[Finding], *, as_json: bool) -> None:
    """Prints the findings; exit code 1 if one of them is a problem."""
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        click.echo("\n".join(map(_for_people, findings)))
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    if problems:
        raise AnswerIsNo(f"{problems} of {len(findings)} checks found something that will fail.")


def _for_people(finding: Finding) -> str:
    hint = f"\n         {finding.hint}" if finding.hint else ""
    return f"{_MARKS[finding.level]}  {finding.what}{hint}"
