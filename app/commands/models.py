"""`switchboard models`: which speech models are installed, which are published, and how one gets here."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from app.bootstrap.ears import model_store
from app.commands.failures import AnswerIsNo, WrongInput
from app.settings import Settings
from speech.download import FetchFailed, Watcher
from speech.model_store import ModelStore
from speech.published import INDEX, Published, is_model_name, read_index


class ProgressBar(Watcher):
    """Shows a download as a bar with its size, speed and time left; where no person looks, its messages only."""

    def __init__(self, name: str, console: Console) -> None:
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        name_column = TextColumn("{task.description}")
        self._bar = Progress(name_column, *columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> "ProgressBar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def at(self, done: int, size: int) -> None:
        """Moves the bar."""
        self._bar.update(self._task, completed=done, total=size)

    def said(self, text: str) -> None:
        """Prints above the bar."""
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)


def overview(settings: Settings, index: str | None, language: str | None, *, everything: bool) -> dict[str, Any]:
    """What is installed, and what the published list offers; `problem` says why it could not be read."""
    store, index = model_store(settings), index or INDEX
    installed = [{**asdict(model), "folder": str(model.folder)} for model in store.installed()]
    try:
        listed, problem = read_index(index), ""
    except FetchFailed as error:
        listed, problem = (), str(error)
    offered = [model for model in listed if everything or (model.hears and not model.obsolete)]
    offered = [model for model in offered if not language or _speaks(model, language)]
    published = [
        {**asdict(model), "installed": store.find(model.name) is not None}
        for model in sorted(offered, key=lambda model: (model.language, model.size))
    ]
    return {"installed": installed, "index": index, "published": published, "problem": problem}


def _speaks(model: Published, language: str) -> bool:
    return re.split("[-_]", model.language.lower())[0] == language.lower() or model.language.lower() == language.lower()


def show_overview(found: dict[str, Any], console: Console) -> None:
    """Prints the overview for people."""
    for model in found["installed"]:
        console.print(f"{model['name']}: {model['problem'] or model['about']}", highlight=False, markup=False)
    if not found["installed"]:
        console.print("No model is installed beside the one in the box.")
    if found["problem"]:
        return
    table = Table(title=f"Published at {found['index']}")
    for title in ("model", "language", "kind", "size", "installed"):
        table.add_column(title, justify="right" if title == "size" else "left", no_wrap=title == "model")
    for model in found["published"]:
        here = "yes" if model["installed"] else ""
        table.add_row(model["name"], model["language_name"], model["kind"], decimal(model["size"]), here)
    console.print(table)


def fetch(settings: Settings, name: str, index: str | None, sha256: str, console: Console) -> dict[str, Any]:
    """Installs a published model; what was done, and the setting that makes it the one in use."""
    if not is_model_name(name):
        raise WrongInput(f"{name}: this cannot be a model's name.")
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise WrongInput("--sha256: a checksum of this kind has 64 digits and letters a-f.")
    store = model_store(settings)
    already = store.find(name)
    try:
        folder = already or _fetch(store, _wanted(name, index or INDEX), sha256, console)
    except FetchFailed as error:
        raise AnswerIsNo(str(error)) from error
    return {
        "name": name,
        "folder": str(folder),
        "already_there": already is not None,
        "setting": f"VOSK_MODEL={name}",
        "in_use": settings.vosk_model == name,
    }


def _fetch(store: ModelStore, model: Published, sha256: str, console: Console) -> Path:
    if model.obsolete:
        console.print(f"{model.name} is listed as obsolete: there is a newer one.", highlight=False)
    with ProgressBar(model.name, console) as bar:
        return store.fetch(model, bar, sha256=sha256)


def _wanted(name: str, index: str) -> Published:
    listed = {model.name: model for model in read_index(index)}
    if name not in listed:
        raise WrongInput(f"{name}: {index} has no model of this name. `switchboard models list` shows what there is.")
    if not listed[name].hears:
        raise WrongInput(f"{name}: this model does not recognize speech.")
    return listed[name]


def told(done: dict[str, Any]) -> str:
    """What a fetch did, for people, with the line that goes into `.env`."""
    head = f"{done['name']} {'is already' if done['already_there'] else 'is now'} in {done['folder']}."
    if done["in_use"]:
        return f"{head}\nIt is the one that VOSK_MODEL names; a server that runs takes it at its next start."
    return f"{head}\nPut this line into .env, and start the server again:\n\n{done['setting']}"
