"""Reads a Vosk model's folder before the engine does: is it one, at what rate, with which kind of graph."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from speech.fst_symbols import GraphDamaged, output_symbols
from speech.recognizer import ModelUnusable

_KALDI_DEFAULT_RATE = 16000
_LAYOUTS = (("am/final.mdl", "conf/mfcc.conf", "graph/"), ("final.mdl", "mfcc.conf", ""))
_NOT_WORDS = ("<", "#", "[", "!")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a model's folder says; with a `run_time_graph` it takes grammars while it runs."""

    sample_rate: int
    run_time_graph: bool
    vocabulary: int


def inspect(folder: Path) -> Facts:
    """Raise ModelUnusable when something that every Vosk model has is not there."""
    if not folder.is_dir():
        raise ModelUnusable(f"{folder}: no such folder; name the folder of an unpacked Vosk model")
    layout = _LAYOUTS[1] if (folder / "final.mdl").exists() else _LAYOUTS[0]
    acoustic_model, mfcc_conf, graph = layout
    for name in (acoustic_model, mfcc_conf):
        _demand(folder / name, f"{folder}: not a Vosk model, {name}")
    if layout is _LAYOUTS[0]:
        _demand_silence_phones(folder / "conf" / "model.conf")
    run_time_graph = _demand_graph(folder, folder / graph)
    words = _words(folder, graph + ("Gr.fst" if run_time_graph else "HCLG.fst"), graph + "words.txt")
    return Facts(_sample_rate(folder / mfcc_conf), run_time_graph, words)


def is_model(folder: Path) -> bool:
    """Whether the folder means to be a Vosk model, usable or not."""
    return any((folder / layout[0]).is_file() for layout in _LAYOUTS)


def describe(folder: Path, facts: Facts) -> str:
    """The size of the vocabulary, and the card's line that begins with "Good for:"."""
    card = folder / "CARD.md"
    lines = card.read_text(encoding="utf-8").splitlines() if card.is_file() else []
    said = (line.partition(":")[2].strip() for line in lines if line.startswith("Good for:"))
    good_for = next((f"Good for {text}" for text in said), "A Vosk model of the owner's choice.")
    return f"{facts.vocabulary:,} words. {good_for}"


def _demand(file: Path, what: str) -> None:
    if not file.is_file():
        raise ModelUnusable(f"{what} is missing")
    if file.stat().st_size == 0:
        raise ModelUnusable(f"{what} is empty")


def _demand_graph(folder: Path, graph: Path) -> bool:
    """True when the graph is composed at run time; one static file wins where there are both."""
    if (graph / "HCLG.fst").exists():
        return False
    if not all((graph / part).exists() for part in ("HCLr.fst", "Gr.fst")):
        raise ModelUnusable(f"{folder}: not a Vosk model, it has neither HCLG.fst nor HCLr.fst with Gr.fst")
    for part in ("HCLr.fst", "Gr.fst", "disambig_tid.int"):
        _demand(graph / part, f"{folder}: not a Vosk model, {part}")
    return True


def _demand_silence_phones(model_conf: Path) -> None:
    """Without them the engine ends the whole process at the first sound."""
    _demand(model_conf, f"{model_conf}: the file")
    if "--endpoint.silence-phones=" not in model_conf.read_text(encoding="utf-8", errors="replace"):
        raise ModelUnusable(f"{model_conf}: names no --endpoint.silence-phones")


def _sample_rate(mfcc_conf: Path) -> int:
    text = mfcc_conf.read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^\s*--sample-frequency\s*=\s*(\S+)", text, re.MULTILINE)
    if found is None:
        return _KALDI_DEFAULT_RATE
    if re.fullmatch(r"\d+(\.0*)?", found[1]) is None or not 4000 <= (rate := int(float(found[1]))) <= 96000:
        raise ModelUnusable(f"{mfcc_conf}: telephone audio cannot be brought to a rate of {found[1]}")
    return rate


def _words(folder: Path, graph: str, listed: str) -> int:
    """How many words the model knows: from its graph where that carries them, as in the engine, else from words.txt."""
    try:
        carried = output_symbols(folder / graph)
    except GraphDamaged as error:
        raise ModelUnusable(f"{folder}: {graph} may be damaged: {error}") from error
    if carried is not None:
        return _count_words(carried)
    _demand(folder / listed, f"{folder}: not a Vosk model, {listed}")
    with (folder / listed).open(encoding="utf-8", errors="replace") as lines:
        return _count_words(lines)


def _count_words(lines: Iterable[str]) -> int:
    return sum(1 for line in lines if line.strip() and not line.startswith(_NOT_WORDS))
