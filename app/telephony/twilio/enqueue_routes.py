"""The pages that stand in for `<Enqueue workflowSid>`: a caller waits for a worker, and a worker is called to them."""

import re

from flask import Blueprint

from app.telephony.twilio import answers, stay_twiml
from app.telephony.twilio.links import Links
from app.telephony.twilio.pages import FINAL, Asked, Page, call_status, how_they_parted, nothing
from app.telephony.twilio.signature import Fields, Gate
from app.telephony.twilio.stay_links import StayLinks, with_fields
from app.telephony.twilio.webhooks import Notes, blueprint_of
from app.usecases.context import Context
from app.usecases.taskrouter import enqueued, worker_leg
from app.usecases.taskrouter.enqueued import Arriving, Over, Place, Waiting
from app.usecases.taskrouter.worker_leg import Meeting, Progress
from app.usecases.workspaces import Workspaces

TRIES = 40
AGAIN_SECONDS = 3
_WORD_EVERY = 5
MOMENT = "One moment, please."
SORRY = "We are sorry, nobody can take your call right now. Please call again later."
_PLACES = ("City", "State", "Zip", "Country")
_FACTS = (
    "CallSid", "AccountSid", "From", "To", "Caller", "Called", "Direction", "CallStatus", "ApiVersion", "CallerName",
    "ForwardedFrom", *(f"{who}{what}" for who in ("From", "To", "Caller", "Called") for what in _PLACES),
)  # fmt: skip
_KEPT = ("Task", "priority", "timeout", "WaitUrl", "Action")
_LONGEST_FACT = 200
_QUEUE = re.compile(r"QU[0-9a-fA-F]{32}")


def create_enqueue(
    workspaces: Workspaces, gate: Gate, links: Links, *, music: str = "", notes: Notes | None = None
) -> Blueprint:
    """All pages under /voice/enqueue, /voice/enqueued, /voice/room and /worker; `music`: audio by name or address."""
    stays = StayPages(workspaces, StayLinks(links), music)
    workers = WorkerPages(workspaces, StayLinks(links))
    return blueprint_of("enqueue", [*stays.pages(), *workers.pages()], gate, notes)


class StayPages:
    """The pages about a caller's leg."""

    def __init__(self, workspaces: Workspaces, links: StayLinks, music: str) -> None:
        self._workspaces = workspaces
        self._links = links
        self._music = links.links.audio(music) if music else ""

    def pages(self) -> list[Page]:
        """Every page, with its address."""
        stay, met = "/voice/enqueued/<workspace>/<task>", "/voice/room/<workspace>/<reservation>"
        return [
            Page("/voice/enqueue/<workspace>/<workflow>", self.enter, self.try_enter),
            Page(f"{stay}/hold", self.hold, self.music),
            Page(f"{stay}/left", self.left, self.try_left),
            Page(met, self.room, self.try_room),
            Page(f"{met}/left", self.left_room, self.try_left_room),
        ]

    def enter(self, asked: Asked) -> str:
        """A caller comes: from now on they are a task."""
        fields, context = asked.fields, self._context(asked)
        if context is None:
            return self._on(asked, Over())
        facts = {_snake(name): fields.first(name)[:_LONGEST_FACT] for name in _FACTS if fields.first(name)}
        arriving = Arriving(
            call=asked.call, workflow=asked.place["workflow"], facts=facts, task=fields.first("Task"),
            priority=fields.first("priority"), timeout=fields.first("timeout"),
        )  # fmt: skip
        return self._on(asked, enqueued.enter(context, arriving))

    def hold(self, asked: Asked) -> str:
        """What a waiting caller hears, until there is nothing to wait for any more."""
        context = self._context(asked)
        if context is None or not enqueued.waits(context, asked.place["task"]):
            return stay_twiml.take_off_hold()
        return self.music(asked)

    def music(self, asked: Asked) -> str:
        """The IVR's own page where it named one, told how the queue stands; else our music."""
        own = asked.fields.first("WaitUrl")
        if own:
            names = ("QueuePosition", "QueueTime", "AvgQueueTime", "CurrentQueueSize", "MaxQueueSize", "QueueSid")
            return stay_twiml.go_to(with_fields(own, _chosen(asked.fields, names)))
        return stay_twiml.hear(self._music) if self._music else answers.keep_holding(self._links.links)

    def left(self, asked: Asked) -> str:
        """The caller is no longer on hold."""
        context, task = self._context(asked), asked.place["task"]
        result = asked.fields.first("QueueResult")[:40].lower() or "error"
        place = enqueued.left(context, task, result) if context else Over()
        line = asked.fields.first("QueueSid")
        if context and not isinstance(place, Waiting) and _QUEUE.fullmatch(line):
            enqueued.forget_line(context, task, line)
        return self._on(asked, place)

    def room(self, asked: Asked) -> str:
        """A caller is brought to a worker in a conference."""
        context = self._context(asked)
        return self._on(asked, enqueued.room(context, asked.reservation) if context else Over())

    def left_room(self, asked: Asked) -> str:
        """A caller's time in a conference is over."""
        context = self._context(asked)
        return self._on(asked, enqueued.left_room(context, asked.reservation) if context else Over())

    def try_enter(self, asked: Asked) -> str:
        """The caller asks again in a moment."""
        path = f"/voice/enqueue/{asked.place['workspace']}/{asked.place['workflow']}"
        return self._again(asked, with_fields(self._links.links.page(path), _chosen(asked.fields, _KEPT)))

    def try_left(self, asked: Asked) -> str:
        """The same for a caller who is no longer on hold."""
        page = self._links.left(asked.place["workspace"], asked.place["task"], *self._of_ivr(asked))
        return self._again(asked, with_fields(page, _chosen(asked.fields, ("QueueResult", "QueueSid"))))

    def try_room(self, asked: Asked) -> str:
        """The same for a caller on their way to a worker."""
        return self._again(asked, self._links.room(asked.place["workspace"], asked.reservation))

    def try_left_room(self, asked: Asked) -> str:
        """The same for a caller who is no longer with a worker."""
        return self._again(asked, self._links.left_room(asked.place["workspace"], asked.reservation))

    def _on(self, asked: Asked, place: Place) -> str:
        """What follows for a caller who is at this place now."""
        workspace, (wait_url, action) = asked.place["workspace"], self._of_ivr(asked)
        if isinstance(place, Waiting):
            hold = self._links.hold(workspace, place.task, wait_url)
            left = self._links.left(workspace, place.task, wait_url, action)
            return stay_twiml.wait_in_line(place.task, hold=hold, left=left)
        if isinstance(place, Meeting):
            left = self._links.left_room(workspace, asked.reservation)
            return stay_twiml.meet_in_room(place.task, place.instruction.values, left=left, is_worker=False)
        if action:
            return stay_twiml.go_to(
                with_fields(action, _chosen(asked.fields, ("QueueResult", "QueueSid", "QueueTime")))
            )
        return stay_twiml.end("" if place.served else SORRY)

    def _again(self, asked: Asked, page: str) -> str:
        if asked.tries >= TRIES:
            return self._on(asked, Over())
        words = MOMENT if asked.tries % _WORD_EVERY == 0 else ""
        return stay_twiml.go_to(with_fields(page, {"tries": str(asked.tries + 1)}), pause=AGAIN_SECONDS, words=words)

    @staticmethod
    def _of_ivr(asked: Asked) -> tuple[str, str]:
        """The IVR's own pages for waiting and for what follows, where it named them."""
        return _address(asked.fields.first("WaitUrl")), _address(asked.fields.first("Action"))

    def _context(self, asked: Asked) -> Context | None:
        return self._workspaces.find(asked.place["workspace"])


class WorkerPages:
    """The pages about a leg that calls a worker for a reservation."""

    def __init__(self, workspaces: Workspaces, links: StayLinks) -> None:
        self._workspaces = workspaces
        self._links = links

    def pages(self) -> list[Page]:
        """Every page, with its address."""
        worker = "/worker/<workspace>/<reservation>"
        return [
            Page(f"{worker}/answered", self.answered, lambda _: answers.agent_sorry(self._links.links)),
            Page(f"{worker}/status", self.status, nothing),
            Page(f"{worker}/left", self.left, lambda _: stay_twiml.end()),
        ]

    def answered(self, asked: Asked) -> str:
        """The worker picked up."""
        context, workspace = self._context(asked), asked.place["workspace"]
        meeting = worker_leg.answered(context, asked.reservation, asked.call) if context else None
        if meeting is None:
            return stay_twiml.end(stay_twiml.CALLER_GONE)
        left = self._links.worker_left(workspace, asked.reservation)
        if meeting.is_room:
            return stay_twiml.meet_in_room(meeting.task, meeting.instruction.values, left=left, is_worker=True)
        return stay_twiml.meet_in_line(meeting.task, left=left)

    def status(self, asked: Asked) -> None:
        """The worker's call gets on."""
        context, status = self._context(asked), call_status(asked.fields)
        if context is None or not status:
            return
        told = worker_leg.ended if status in FINAL else worker_leg.progressed
        told(context, asked.reservation, asked.call, status)
        seconds, number = asked.fields.first("CallDuration")[:9], asked.fields.first("SequenceNumber")[:9]
        worker_leg.report(context, asked.reservation, Progress(asked.call, status, seconds, number))

    def left(self, asked: Asked) -> str:
        """The worker is no longer with the caller."""
        context = self._context(asked)
        if context is not None:
            bridged = how_they_parted(asked.fields).bridged
            worker_leg.left(context, asked.reservation, asked.call, bridged=bridged)
        return stay_twiml.end()

    def _context(self, asked: Asked) -> Context | None:
        return self._workspaces.find(asked.place["workspace"])


def _chosen(fields: Fields, names: tuple[str, ...]) -> dict[str, str]:
    return {name: fields.first(name) for name in names if fields.first(name)}


def _address(text: str) -> str:
    return text if text.startswith(("https://", "http://")) else ""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
