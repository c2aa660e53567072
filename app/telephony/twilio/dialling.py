"""What assignment instructions order, as requests of the carrier's REST API."""

from collections.abc import Callable, Mapping

from app.ports.dialling import WorkerCall
from app.ports.telephony import Outcome, Sent
from app.telephony.twilio.http import CarrierError, CarrierHttp, Retry
from app.telephony.twilio.rest import NOT_IN_PROGRESS, Account, create_client, refused
from app.telephony.twilio.stay_links import StayLinks

_PROGRESS = ["initiated", "ringing", "answered", "completed"]
_SHORTEST_RING, _LONGEST_RING = 5, 600
_RECORDS = {"true", "record-from-answer", "record-from-ringing"}


class TwilioDialler:
    """The telephone, as instructions use it. Safe to use from several threads."""

    def __init__(self, account: Account, links: StayLinks, retry: Retry | None = None) -> None:
        self._account = account
        self._links = links
        self._client = create_client(account, CarrierHttp(account.api_url, retry=retry))

    def call(self, wanted: WorkerCall) -> Outcome:
        """Calls a worker; never repeated when it may have rung already."""
        links, leg = self._links, (wanted.workspace, wanted.reservation)
        try:
            call = self._client.calls.create(
                to=wanted.to,
                from_=wanted.caller_id or self._account.caller_id,
                url=wanted.url or links.answered(*leg),
                method="POST",
                fallback_url=links.fallback(),
                fallback_method="POST",
                status_callback=links.status(*leg),
                status_callback_method="POST",
                status_callback_event=_PROGRESS,
                timeout=min(max(wanted.seconds, _SHORTEST_RING), _LONGEST_RING),
                **recording(wanted.options),
                **_sip(wanted),
            )
        except CarrierError as error:
            return refused(error)
        return Outcome(Sent.DONE, sid=str(call.sid or ""))

    def send(self, call: str, url: str) -> Outcome:
        """Has a live call fetch its instructions at an address."""
        return _about(lambda: self._client.calls(call).update(url=url, method="POST"))

    def meet(self, call: str, workspace: str, reservation: str) -> Outcome:
        """Has a caller join the room in which the reservation's worker is."""
        return self.send(call, self._links.room(workspace, reservation))

    def state(self, call: str) -> Outcome:
        """`DONE` with data["status"] as the carrier knows it."""
        return _about(lambda: self._client.calls(call).fetch())

    def drop_line(self, line: str) -> Outcome:
        """Removes the carrier's queue of this SID, if nobody waits in it."""
        return _about(lambda: self._client.queues(line).delete())


def recording(options: Mapping[str, str]) -> dict[str, object]:
    """What records the worker's call, both sides of it, as an instruction has it."""
    wanted = options.get("record", "")
    if wanted.removesuffix("-dual") not in _RECORDS:
        return {}
    both = wanted.endswith("-dual") or options.get("recording_channels") == "dual"
    found: dict[str, object] = {"record": True, "recording_channels": "dual" if both else "mono"}
    if options.get("recording_status_callback"):
        found["recording_status_callback"] = options["recording_status_callback"]
        found["recording_status_callback_method"] = options["recording_status_callback_method"]
    return found


def _sip(wanted: WorkerCall) -> dict[str, object]:
    if not wanted.to.startswith("sip:") or not wanted.options.get("sip_auth_username"):
        return {}
    return {
        "sip_auth_username": wanted.options["sip_auth_username"],
        "sip_auth_password": wanted.options.get("sip_auth_password", ""),
    }


def _about(send: Callable[[], object]) -> Outcome:
    """One request about what exists, or did."""
    try:
        found = send()
    except CarrierError as error:
        if error.code == NOT_IN_PROGRESS or error.status == 404:
            return Outcome(Sent.GONE, why=str(error))
        return refused(error)
    return Outcome(Sent.DONE, data={"status": str(getattr(found, "status", None) or "")})
