"""The pages the carrier asks for: an authentic request gets 200 and a valid document, whatever is down."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Protocol

from flask import Blueprint, Response, request

from app.telephony.twilio import answers
from app.telephony.twilio.desk import Desk
from app.telephony.twilio.incoming import Refused, is_sid, let_in
from app.telephony.twilio.links import Links
from app.telephony.twilio.pages import AgentPages, Asked, CallerPages, Page, nothing
from app.telephony.twilio.signature import Gate

logger = logging.getLogger(__name__)

REMEMBERED_SECONDS = 15 * 60
_REMEMBERED = 4096
_LARGEST_DOCUMENT = 64_000
_XML = "text/xml; charset=utf-8"


class Notes(Protocol):
    """Remembers answers by the carrier's idempotency token, so that a repeated request gets the same one."""

    def recall(self, token: str) -> str | None:
        """The answer given to the request with this token."""

    def remember(self, token: str, xml: str) -> None:
        """Keeps an answer for at least a quarter of an hour."""


class RecentAnswers:
    """Notes of one process: the desk gives the same answer twice anyway, this spares it the asking."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._answers: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lock = Lock()

    def recall(self, token: str) -> str | None:
        """The answer given to the request with this token."""
        with self._lock:
            given, xml = self._answers.get(token, (0.0, None))
        return xml if xml is not None and self._now() - given <= REMEMBERED_SECONDS else None

    def remember(self, token: str, xml: str) -> None:
        """Keeps an answer, and forgets the oldest when there are too many."""
        with self._lock:
            self._answers[token] = (self._now(), xml)
            self._answers.move_to_end(token)
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)


def create_blueprint(desk: Desk, gate: Gate, links: Links, notes: Notes | None = None) -> Blueprint:
    """All pages under /voice, /agent and /sms; `notes` default to this process's own."""
    pages = [*CallerPages(desk, links).pages(), *AgentPages(desk, links).pages()]
    pages.append(Page("/sms/incoming", lambda _: answers.EMPTY, lambda _: answers.EMPTY, about_call=False))
    return blueprint_of("twilio", pages, gate, notes)


def blueprint_of(name: str, pages: Iterable[Page], gate: Gate, notes: Notes | None = None) -> Blueprint:
    """These pages, each for authentic requests only."""
    blueprint = Blueprint(name, __name__)
    front = _Front(gate, notes if notes is not None else RecentAnswers())
    for page in pages:
        blueprint.add_url_rule(
            page.rule,
            endpoint=page.rule.strip("/").replace("/", "-"),
            view_func=front.view(page),
            methods=["GET", "POST"],
            provide_automatic_options=False,
            # The carrier follows a redirect of ours without repeating the keys that were pressed.
            strict_slashes=False,
            merge_slashes=False,
        )
    return blueprint


class _Front:
    """Lets requests in and answers them."""

    def __init__(self, gate: Gate, notes: Notes) -> None:
        self._gate = gate
        self._notes = notes

    def view(self, page: Page) -> Callable[..., Response]:
        """The Flask view of a page."""

        def view(turn: str = "", reservation: str = "", **place: str) -> Response:
            fields = let_in(request, self._gate)
            if isinstance(fields, Refused):
                return _refuse(fields)
            asked = Asked(fields, fields.first("CallSid"), turn, reservation, place)
            if page.about_call and not is_sid(asked.call):
                return _refuse(Refused(400, "no call is named"))
            if not all(is_sid(sid) for sid in (reservation, *place.values()) if sid):
                return _refuse(Refused(404, "no such offer"))
            xml = self._answer_once(page, asked)
            return Response(status=204) if xml is None else Response(xml, content_type=_XML)

        return view

    def _answer_once(self, page: Page, asked: Asked) -> str | None:
        token = request.headers.get("I-Twilio-Idempotency-Token", "")[:200]
        if not token or page.otherwise is nothing:
            return self._answer(page, asked)[0]
        name = f"{token} {asked.call} {request.path}"
        known = self._recall(name)
        if known is not None:
            return known
        xml, meant = self._answer(page, asked)
        if xml is not None and meant:
            self._remember(name, xml)
        return xml

    def _recall(self, name: str) -> str | None:
        try:
            return self._notes.recall(name)
        except Exception:  # as good as forgotten: the desk gives the same answer again
            logger.warning("An answer could not be recalled", exc_info=True)
            return None

    def _remember(self, name: str, xml: str) -> None:
        try:
            self._notes.remember(name, xml)
        except Exception:  # as above
            logger.warning("An answer could not be remembered", exc_info=True)

    def _answer(self, page: Page, asked: Asked) -> tuple[str | None, bool]:
        """The page's answer, and whether it is the one that was meant to be given."""
        try:
            xml = page.answer(asked)
            if xml is not None and len(xml.encode()) > _LARGEST_DOCUMENT:
                raise ValueError(f"the answer has {len(xml)} characters")
            return xml, True
        except Exception:  # rule 8: a caller hears something sensible whatever went wrong
            logger.exception("Page %s failed for call %s", page.rule, asked.call)
            return page.otherwise(asked), False


def _refuse(refused: Refused) -> Response:
    response = Response(refused.why + "\n", status=refused.status, content_type="text/plain; charset=utf-8")
    if refused.status == 413:
        response.headers["Connection"] = "close"  # what was not read must not be taken for the next request
    return response
