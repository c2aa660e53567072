"""Tells how calls went: a table at the end, one call's story, a document for programs."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from app.commands.rehearsal import Report


def summary(reports: Sequence[Report]) -> Table:
    """The table at the end of a scenario."""
    table = Table(title="How every call went", title_justify="left")
    for title in ("caller", "heard", "mood", "route", "waited", "agent", "outcome", "as expected?"):
        wide = title in ("heard", "as expected?")
        table.add_column(title, overflow="fold", no_wrap=not wide, ratio=2 if wide else None)
    for report in reports:
        result = report.result
        waited = "-" if result.waited is None else f"{result.waited:.1f} s"
        good = Text("; ".join(report.mismatches), "red") if report.mismatches else Text("yes", "green")
        table.add_row(
            result.name, " / ".join(report.heard) or "-", report.fact("mood") or "-", report.fact("route") or "-",
            waited, result.agent or "-", result.outcome, good,
        )  # fmt: skip
    return table


def story_lines(report: Report) -> list[str]:
    """One call's story as the server tells it, with its reasons."""
    started = report.events[0]["at"] if report.events else 0
    lines = []
    for event in report.events:
        if event["minor"]:
            continue
        heard = f' "{event["heard"]}"' if event["heard"] else ""
        why = f"  [{event['why']}]" if event["why"] else ""
        lines.append(f"{(event['at'] - started) / 1000:6.1f}s  {event['title']}{heard}{why}")
    return lines


def as_json(report: Report) -> dict[str, object]:
    """One call for programs: what was expected, what happened, and when (seconds)."""
    result = report.result
    return {
        "caller": result.name,
        "call": result.sid,
        "expected": dict(result.expect),
        "as_expected": not report.mismatches,
        "mismatches": list(report.mismatches),
        "outcome": result.outcome,
        "heard": list(report.heard),
        "mood": report.fact("mood"),
        "route": report.fact("route"),
        "queue": report.fact("queue"),
        "agent": result.agent,
        "offers": _offers(report),
        "said": [{"at": said.at, "text": said.text} for said in result.said],
        "started": result.started,
        "ended": result.ended,
        "waited": result.waited,
        "talked": result.talked,
        "events": [{"at": line["at"], "type": line["type"], "title": line["title"], "why": line["why"]}
                   for line in report.events],
    }  # fmt: skip


_OFFER_ENDS = {
    "reservation.accepted": "accepted",
    "reservation.rejected": "declined",
    "reservation.timeout": "missed",
    "reservation.canceled": "taken back",
    "reservation.rescinded": "taken back",
}


def _offers(report: Report) -> list[dict[str, object]]:
    """Who was offered the call, in order, and what came of it."""
    offers: list[dict[str, object]] = []
    for line in report.events:
        if line["type"] == "reservation.created":
            offers.append({"agent": line["agent"], "at": line["at"], "did": "", "why": line["why"]})
        elif line["type"] in _OFFER_ENDS:
            for offer in reversed(offers):
                if offer["agent"] == line["agent"] and not offer["did"]:
                    offer["did"] = _OFFER_ENDS[line["type"]]
                    break
    return offers
