"""Programs that use the TaskRouter API while the server is being killed: they note what they were told, and no more."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

PATIENCE = 4.0
_NOT_YET = 0.3
_TOO_MANY = 429
_SERVER = 500


class NoAnswer(Exception):
    """The server was not there, or said that it could not: what was asked may have been done or not."""


@dataclass(frozen=True)
class Api:
    """The API of one workspace over HTTP, with the account's credentials."""

    url: str
    account: str
    token: str

    def ask(self, method: str, path: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer; raises NoAnswer."""
        with_fields = {"params": fields} if method == "GET" else {"data": fields}
        try:
            answer = requests.request(
                method, f"{self.url}{path}", auth=(self.account, self.token), timeout=PATIENCE, **with_fields
            )  # type: ignore[arg-type] # either is a mapping
            body = answer.json() if answer.content else {}
        except (requests.RequestException, ValueError) as error:
            raise NoAnswer(str(error)) from error
        if answer.status_code >= _SERVER or answer.status_code == _TOO_MANY:
            raise NoAnswer(f"{answer.status_code} {body}")
        return answer.status_code, body

    def sure(self, method: str, path: str, within: float = 30.0, **fields: Any) -> dict[str, Any]:
        """The body of an answer that has to come, asked for again and again."""
        give_up = time.monotonic() + within
        while True:
            try:
                status, body = self.ask(method, path, **fields)
            except NoAnswer:
                if time.monotonic() > give_up:
                    raise
                time.sleep(_NOT_YET)
                continue
            if status >= 400:
                raise RuntimeError(f"{method} {path}: {status} {body}")
            return body


@dataclass(frozen=True)
class Word:
    """Something that a program was told has happened: of which task and reservation, and when (monotonic)."""

    task: str
    at: float
    reservation: str = ""


@dataclass
class Told:
    """Everything the programs were told. `unsure`: how many requests of a kind had no answer."""

    created: list[Word] = field(default_factory=list)
    accepted: list[Word] = field(default_factory=list)
    completed: list[Word] = field(default_factory=list)
    refused: int = 0
    unsure: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, words: list[Word], word: Word) -> None:
        """Adds a word."""
        with self.lock:
            words.append(word)

    def no_answer(self, kind: str) -> None:
        """Counts a request without an answer."""
        with self.lock:
            self.unsure[kind] = self.unsure.get(kind, 0) + 1


class Submitter(threading.Thread):
    """A program that sends tasks until told to stop."""

    def __init__(self, api: Api, told: Told, workflow: str, number: int, pause: float) -> None:
        super().__init__(name=f"submitter {number}", daemon=True)
        self.stop = threading.Event()
        self._api, self._told, self._workflow, self._pause = api, told, workflow, pause
        self._chance = random.Random(number)

    def run(self) -> None:
        """One task after the other; who was not told that it was taken does not send it again."""
        while not self.stop.wait(self._chance.uniform(0.5, 1.5) * self._pause):
            lang = self._chance.choice(("en", "es"))
            fields = {"WorkflowSid": self._workflow, "Attributes": f'{{"lang": "{lang}"}}', "TaskChannel": "chat"}
            try:
                status, body = self._api.ask("POST", "/Tasks", **fields, Priority=self._chance.randrange(3))
            except NoAnswer:
                self._told.no_answer("submit")
                continue
            if status == requests.codes.created:
                self._told.note(self._told.created, Word(body["sid"], time.monotonic()))
            else:
                self._told.refused += 1


class Servant(threading.Thread):
    """A worker's program: takes what the worker is offered, and completes it; now and then it passes, or wraps up."""

    def __init__(self, api: Api, told: Told, worker: str, number: int) -> None:
        super().__init__(name=f"worker {number}", daemon=True)
        self.stop = threading.Event()
        self._api, self._told, self._worker = api, told, worker
        self._chance = random.Random(100 + number)

    def run(self) -> None:
        """Looks for what there is to do, does it, and looks again."""
        do: Mapping[str, Callable[[dict[str, Any]], None]] = {
            "pending": self._answer, "accepted": self._finish, "wrapping": self._finish,
        }  # fmt: skip
        while not self.stop.wait(self._chance.uniform(0.1, 0.4)):
            for state, deal in do.items():
                try:
                    for item in self._reservations(state):
                        deal(item)
                except NoAnswer:
                    self._told.no_answer(state)

    def _reservations(self, state: str) -> list[dict[str, Any]]:
        path = f"/Workers/{self._worker}/Reservations"
        _, body = self._api.ask("GET", path, ReservationStatus=state, PageSize=20)
        found = body.get("reservations", [])
        assert isinstance(found, list)
        return found

    def _answer(self, item: dict[str, Any]) -> None:
        status = "rejected" if self._chance.random() < 0.1 else "accepted"
        if self._ordered(item, status) and status == "accepted":
            self._told.note(self._told.accepted, Word(item["task_sid"], time.monotonic(), item["sid"]))

    def _finish(self, item: dict[str, Any]) -> None:
        if item["reservation_status"] == "accepted" and self._chance.random() < 0.3:
            self._ordered(item, "wrapping")
            return
        if self._ordered(item, "completed"):
            self._told.note(self._told.completed, Word(item["task_sid"], time.monotonic(), item["sid"]))

    def _ordered(self, item: dict[str, Any], status: str) -> bool:
        path = f"/Workers/{self._worker}/Reservations/{item['sid']}"
        code, _ = self._api.ask("POST", path, ReservationStatus=status)
        return code == requests.codes.ok
