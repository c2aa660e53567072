"""The pages that stand in for <Enqueue workflowSid>: signed, the same answer twice, and never silence."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.entities import Task, TaskState
from app.core.events import EventType
from app.ports.store import StoreUnavailable
from app.store.memory import MemoryStore
from app.telephony.twilio.enqueue_routes import TRIES, create_enqueue
from app.telephony.twilio.signature import Gate
from app.usecases.workspaces import Workspaces
from tests.telephony.twilio.support import ACCOUNT, CALL, LEG, LINKS, PUBLIC, TOKEN, signature, standard
from tests.usecases.taskrouter.desk import Office

QUEUE = "QU" + "1" * 32


class Away(MemoryStore):
    """A store that cannot be reached."""

    def get(self, kind: object, sid: str) -> None:
        raise StoreUnavailable


class Site:
    """Our pages, asked as the carrier asks."""

    def __init__(self, workspaces: Workspaces, music: str = "waltz.wav") -> None:
        app = Flask("site")
        app.register_blueprint(create_enqueue(workspaces, Gate(LINKS, TOKEN, account=ACCOUNT), LINKS, music=music))
        self.client = app.test_client()

    def asked(self, target: str, extra: Mapping[str, str] | None = None, *, call: str = CALL) -> TestResponse:
        pairs = list((standard(call) | dict(extra or {})).items())
        return self.client.post(
            target, data=urlencode(pairs), content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature(PUBLIC + target, pairs)},
        )  # fmt: skip

    def heard(self, target: str, extra: Mapping[str, str] | None = None, *, call: str = CALL) -> ET.Element:
        answer = self.asked(target, extra, call=call)
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        return ET.fromstring(answer.data)  # noqa: S314 - our own


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def site(office: Office) -> Site:
    return Site(office.workspaces)


def door(office: Office, **query: str) -> str:
    page = f"/voice/enqueue/{office.context.workspace}/{office.workflow}"
    return page + (f"?{urlencode(query)}" if query else "")


def waiting(document: ET.Element) -> ET.Element:
    (enqueue,) = document
    assert enqueue.tag == "Enqueue"
    return enqueue


def page_of(address: str) -> str:
    return address.removeprefix(PUBLIC)


def test_the_same_call_asked_twice_is_one_task_with_one_answer(office: Office, site: Site) -> None:
    target = door(office, Task='{"product": "cake"}', priority="4", Action="https://firm.example/after")
    first, second = (site.asked(target).data for _ in range(2))
    assert first == second
    enqueue = waiting(ET.fromstring(first))  # noqa: S314 - our own
    task = office.task(enqueue.text or "")
    assert len(office.told(EventType.TASK_CREATED)) == 1
    assert (task.attributes["product"], task.attributes["call_sid"], task.priority) == ("cake", CALL, 4)
    assert task.attributes["api_version"] == "2010-04-01"
    left = urlsplit(enqueue.attrib["action"])
    assert left.path.endswith(f"/{task.sid}/left")
    assert parse_qs(left.query) == {"Action": ["https://firm.example/after"]}


def test_what_is_not_signed_gets_nowhere(office: Office, site: Site) -> None:
    answer = site.client.post(door(office), data=standard())
    assert answer.status_code == 403
    assert not office.told(EventType.TASK_CREATED)


@pytest.mark.parametrize("place", ["/voice/enqueue/{0}/WW{1}", "/voice/enqueue/WS{1}/{2}", "/voice/enqueue/x/y"])
def test_an_unknown_workflow_is_said_or_left_to_the_firm(office: Office, site: Site, place: str) -> None:
    target = place.format(office.context.workspace, "0" * 32, office.workflow)
    say, hang_up = site.heard(target)
    assert "nobody can take your call" in (say.text or "")
    assert hang_up.tag == "Hangup"
    (redirect,) = site.heard(f"{target}?Action=https%3A%2F%2Ffirm.example%2Fafter")
    assert redirect.text == "https://firm.example/after"


@pytest.mark.parametrize("action", ["javascript:alert(1)", "//firm.example", "/relative"])
def test_only_whole_addresses_are_followed(office: Office, site: Site, action: str) -> None:
    target = f"/voice/enqueue/{office.context.workspace}/WW{'0' * 32}?{urlencode({'Action': action})}"
    assert [verb.tag for verb in site.heard(target)] == ["Say", "Hangup"]


def test_a_caller_hears_music_until_there_is_nothing_to_wait_for(office: Office, site: Site) -> None:
    enqueue = waiting(site.heard(door(office, timeout="30")))
    hold, left = page_of(enqueue.attrib["waitUrl"]), page_of(enqueue.attrib["action"])
    (play,) = site.heard(hold)
    assert play.text == f"{PUBLIC}/audio/waltz.wav"
    office.clock.advance_seconds(31)
    office.dispatched()
    assert [verb.tag for verb in site.heard(hold)] == ["Leave"]
    assert [verb.tag for verb in site.heard(left, {"QueueResult": "leave"})] == ["Say", "Hangup"]


def test_the_firms_own_waiting_page_is_told_how_the_queue_stands(office: Office, site: Site) -> None:
    enqueue = waiting(site.heard(door(office, WaitUrl="https://firm.example/wait?x=1")))
    (redirect,) = site.heard(page_of(enqueue.attrib["waitUrl"]), {"QueuePosition": "1", "QueueTime": "12"})
    assert redirect.text == "https://firm.example/wait?x=1&QueuePosition=1&QueueTime=12"


def test_a_hang_up_ends_the_task_and_removes_the_line(office: Office, site: Site) -> None:
    enqueue = waiting(site.heard(door(office)))
    for _ in range(2):
        site.heard(page_of(enqueue.attrib["action"]), {"QueueResult": "hangup", "QueueSid": QUEUE})
    assert office.task(enqueue.text or "").state is TaskState.CANCELED
    assert {event.data["line"] for event in office.told(EventType.INTENT_DROP_LINE)} == {QUEUE}


def test_a_result_nobody_has_heard_of_is_an_end_like_others(office: Office, site: Site) -> None:
    enqueue = waiting(site.heard(door(office)))
    assert site.heard(page_of(enqueue.attrib["action"]), {"QueueResult": "abducted"})[-1].tag == "Hangup"
    assert office.task(enqueue.text or "").state is TaskState.CANCELED


def test_while_the_store_is_down_the_caller_is_kept_and_comes_again_with_everything(office: Office) -> None:
    clock = office.clock
    site = Site(Workspaces(office.workspaces.home, lambda name: Away(name, clock)))
    query = {"Task": '{"a": 1}', "Action": "https://firm.example/after"}
    say, pause, redirect = site.heard(door(office, **query))
    assert (say.tag, pause.tag) == ("Say", "Pause")
    again = urlsplit(redirect.text or "")
    assert {name: values[0] for name, values in parse_qs(again.query).items()} == {**query, "tries": "1"}
    (given_up,) = site.heard(door(office, **query, tries=str(TRIES)))
    assert (given_up.tag, given_up.text) == ("Redirect", "https://firm.example/after")
    task = f"/voice/enqueued/{office.context.workspace}/WT{'1' * 32}"
    assert site.heard(f"{task}/hold")[0].tag == "Play"
    assert site.heard(f"{task}/left", {"QueueResult": "bridged"})[-1].tag == "Redirect"
    worker = f"/worker/{office.context.workspace}/WR{'1' * 32}"
    assert site.heard(f"{worker}/answered", call=LEG)[-1].tag == "Hangup"
    assert site.asked(f"{worker}/status", {"CallStatus": "completed"}, call=LEG).status_code == 204


def test_a_worker_who_picks_up_too_late_is_told(office: Office, site: Site) -> None:
    say, hang_up = site.heard(f"/worker/{office.context.workspace}/WR{'1' * 32}/answered", call=LEG)
    assert "no longer there" in (say.text or "")
    assert hang_up.tag == "Hangup"
    assert office.store.get(Task, "WT" + "1" * 32) is None
