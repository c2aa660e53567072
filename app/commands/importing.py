"""`switchboard import-taskrouter`: a TaskRouter workspace from the account or from exported JSON, run here."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.bootstrap.carrier import account_of
from app.bootstrap.installation import Installation
from app.commands.export_files import document_of, queue_rules
from app.commands.failures import AnswerIsNo, WrongInput
from app.core.routing.proof import Proof
from app.core.routing.proofs import prove
from app.owner.problems import OwnerFileError
from app.ports.store import StoreUnavailable
from app.settings import Settings
from app.telephony.twilio.http import CarrierError
from app.telephony.twilio.rest import create_client
from app.telephony.twilio.workspace_export import read_workspace, workspaces_of
from app.usecases.taskrouter.differences import Difference, addresses, differences
from app.usecases.taskrouter.exported import BadExport, Document, Exported, read_export
from app.usecases.taskrouter.importing import Tallies, bring_in, compared

_READING = {
    "activities": "activities", "task_channels": "task channels", "task_queues": "task queues",
    "workflows": "workflows", "workers": "workers", "worker_channels": "capacities of workers",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. No `source`: the account, whose `workspace` it is to be ("": the only one)."""

    source: Path | None
    workspace: str = ""
    name: str = ""
    queues: tuple[str, ...] = ()
    save: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did (or would do), what differs here, and what is proven.

    `tallies` None: a dry run, with no server to compare with.
    """

    exported: Exported
    tallies: Tallies | None
    dry_run: bool
    differences: tuple[Difference, ...]
    proofs: tuple[Proof, ...]
    addresses: tuple[tuple[str, str, str], ...]

    @property
    def errors(self) -> int:
        """How much is certain not to do what it says, dead ends included."""
        return sum(proof.severity == "error" for proof in self.proofs)


def import_taskrouter(settings: Settings, order: Order, console: Console) -> Report:
    """Reads, checks, and stores; exit code 2 if the input was wrong, 1 if the account cannot be read."""
    with _progress(console) as bar:
        document = _document(settings, order, bar)
        try:
            exported = read_export(document)
        except BadExport as error:
            where = order.source or "the account"
            raise WrongInput(f"{where}: nothing was imported:\n{error}") from error
        if order.save:
            _save(order.save, document)
        tallies = _stored(settings, exported, order, bar)
    base = settings.public_url or "https://PUBLIC_URL"
    return Report(
        exported, tallies, order.dry_run, differences(exported), prove(exported.rules(), exported.workers),
        tuple((workflow.name, workflow.sid, url) for workflow, url in addresses(exported, base)),
    )  # fmt: skip


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _document(settings: Settings, order: Order, bar: Progress) -> Document:
    if order.source is not None:
        if order.workspace:
            raise WrongInput("--workspace names one of the account's; a file holds just one.")
        return document_of(order.source, order.name, queue_rules(order.queues))
    if order.queues or order.name:
        raise WrongInput("--queue and --name go with the file of a workflow.")
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        raise WrongInput(
            "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set: put them into .env, or name an exported file."
        )
    try:
        return _of_account(settings, order, bar)
    except CarrierError as error:
        raise AnswerIsNo(f"the account cannot be read, and nothing was imported: {error}") from error


def _of_account(settings: Settings, order: Order, bar: Progress) -> Document:
    client = create_client(account_of(Installation(settings)))
    sid = order.workspace
    if not sid:
        known = workspaces_of(client)
        if len(known) != 1:
            listed = "\n".join(f"  --workspace {each}   {name}" for each, name in known) or "  (none)"
            raise WrongInput(f"the account has {len(known)} workspaces; say which:\n{listed}")
        sid = known[0][0]
    tasks = {kind: bar.add_task(title, total=None) for kind, title in _READING.items()}
    document = read_workspace(client, sid, lambda kind, count: bar.update(tasks[kind], completed=count))
    if document is None:
        raise WrongInput(f"{sid}: the account has no workspace of this SID.")
    return document


def _save(file: Path, document: Document) -> None:
    try:
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongInput(f"{file}: {error.strerror}") from error


def _stored(settings: Settings, exported: Exported, order: Order, bar: Progress) -> Tallies | None:
    """What was stored; for a dry run what would be, or None where no server runs to compare with."""
    try:
        workspaces = Installation(settings).workspaces
        if order.dry_run:
            return compared(workspaces, exported)
        task = bar.add_task("storing workers", total=len(exported.workers))
        return bring_in(workspaces, exported, lambda done, _: bar.update(task, completed=done))
    except StoreUnavailable as error:
        if order.dry_run:
            return None
        message = f"the running server's Redis cannot be reached ({error}). Is `switchboard serve` running?"
        raise WrongInput(f"nothing was imported: {message}") from error
    except OwnerFileError as error:
        raise WrongInput("\n" + str(error)) from error
    except BadExport as error:
        raise WrongInput(f"nothing was imported:\n{error}") from error


def show(report: Report, *, as_json: bool) -> None:
    """Prints the report; exit code 1 if something in it is certain not to do what it says."""
    click.echo(json.dumps(_plain(report), indent=2) if as_json else "\n".join(_lines(report)))
    if report.errors:
        done = "would be imported" if report.dry_run else "was imported"
        raise AnswerIsNo(f"{report.exported.workspace.sid} {done}, with {report.errors} things that cannot be meant.")


def _plain(report: Report) -> dict[str, object]:
    tallies = report.tallies
    return {
        "workspace": {"sid": report.exported.workspace.sid, "name": report.exported.workspace.name},
        "dry_run": report.dry_run,
        "imported": None if tallies is None else {kind: asdict(tally) for kind, tally in tallies.items()},
        "calls": [{"workflow": name, "sid": sid, "address": url} for name, sid, url in report.addresses],
        "differences": [asdict(each) for each in report.differences],
        "proofs": [{**asdict(proof), "about": proof.about.value, "place": str(proof.where)} for proof in report.proofs],
    }


def _lines(report: Report) -> list[str]:
    workspace = report.exported.workspace
    verb = "would be imported" if report.dry_run else "imported"
    lines = [f"{workspace.name} ({workspace.sid}): {verb}"]
    lines += _counted(report.tallies)
    lines += ["", "Send the calls of a workflow to (POST):"]
    lines += [f"  {name}: {url}" for name, _, url in report.addresses] or ["  (it has no workflow)"]
    lines += ["", "What differs here:"]
    lines += [
        f"  {each.about}: {each.here}" + (f"\n    -> {each.do}" if each.do else "") for each in report.differences
    ]
    lines += ["", "Proven of its rules:" if report.proofs else "Its rules do what they say, as far as can be proven."]
    return lines + [f"  {proof.severity}: {proof}" for proof in report.proofs]


def _counted(tallies: Tallies | None) -> list[str]:
    if tallies is None:
        return ["  No server runs here, so there is nothing to compare with."]
    lines = []
    for kind, tally in tallies.items():
        parts = [f"{len(tally.new)} new", f"{len(tally.changed)} changed", f"{tally.same} as before"]
        parts += [f"{len(tally.gone)} only here (kept)"] if tally.gone else []
        lines.append(f"  {kind.replace('_', ' ')}: {', '.join(parts)}")
        lines += [f"    {sid}: {', '.join(fields)}" for sid, fields in tally.changed.items()]
    return lines
