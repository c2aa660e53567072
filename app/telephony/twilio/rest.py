"""The carrier's telephone commands over its REST API."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from twilio.rest import Client  # type: ignore[import-untyped]

from app.ports.telephony import Outcome, Sent
from app.telephony.twilio.http import CarrierError, CarrierHttp, Retry
from app.telephony.twilio.links import Links
from app.telephony.twilio.recordings import RecordingSource

logger = logging.getLogger(__name__)

NOT_IN_PROGRESS = 21220
_PROGRESS = ["initiated", "ringing", "answered", "completed"]
_SHORTEST_RING, _LONGEST_RING = 5, 600
_LONGEST_TEXT = 1600


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account is used, and where the carrier's API is (empty: at the carrier)."""

    sid: str
    token: str
    api_url: str = ""
    caller_id: str = ""
    detect_machines: bool = False


def create_client(account: Account, http: CarrierHttp | None = None) -> Client:
    """The SDK's client for an account; regions of the environment are not taken over."""
    # The SDK falls back to the environment for whatever is empty; one name in it keeps it from doing so.
    environment = {"TWILIO_ACCOUNT_SID": account.sid}
    return Client(
        account.sid,
        account.token,
        http_client=http or CarrierHttp(account.api_url),
        environment=environment,
    )


class TwilioTelephony:
    """The telephone. Safe to use from several threads."""

    def __init__(self, account: Account, links: Links, retry: Retry | None = None) -> None:
        self._account = account
        self._links = links
        self._http = CarrierHttp(account.api_url, retry=retry)
        self._client = create_client(account, self._http)
        self._recordings = RecordingSource((account.sid, account.token), account.api_url)

    def redirect(self, call: str, turn: int) -> Outcome:
        """Has the carrier fetch the call's present instructions at once."""
        page = f"{self._links.present()}?turn={turn}"
        return self._change(lambda: self._client.calls(call).update(url=page, method="POST"))

    def ring(self, reservation: str, phone: str, seconds: int) -> Outcome:
        """Calls an agent's phone for a reservation; never repeated when it may have rung already."""
        links = self._links.of_offer(reservation)
        detection = {"machine_detection": "Enable"} if self._account.detect_machines else {}
        try:
            call = self._client.calls.create(
                to=phone,
                from_=self._account.caller_id,
                url=links.agent("offer"),
                method="POST",
                fallback_url=links.page("/voice/fallback"),
                fallback_method="POST",
                status_callback=links.agent("status"),
                status_callback_method="POST",
                status_callback_event=_PROGRESS,
                timeout=min(max(seconds, _SHORTEST_RING), _LONGEST_RING),
                **detection,
            )
        except CarrierError as error:
            return refused(error)
        return Outcome(Sent.DONE, sid=str(call.sid or ""))

    def hang_up(self, call: str, *, ringing: bool = False) -> Outcome:
        """Ends a call, or cancels one that still rings; one picked up meanwhile is ended as well."""
        if ringing:
            outcome = self._change(lambda: self._client.calls(call).update(status="canceled"))
            if outcome.sent is Sent.UNKNOWN or outcome.data.get("status") in ("canceled", "completed"):
                return outcome
        return self._change(lambda: self._client.calls(call).update(status="completed"))

    def state(self, call: str) -> Outcome:
        """`DONE` with data["status"] as the carrier knows it."""
        return self._change(lambda: self._client.calls(call).fetch())

    def tell(self, phone: str, text: str) -> Outcome:
        """Sends a text message; never repeated when it may have been sent already."""
        try:
            message = self._client.messages.create(to=phone, from_=self._account.caller_id, body=text[:_LONGEST_TEXT])
        except CarrierError as error:
            return refused(error)
        return Outcome(Sent.DONE, sid=str(message.sid or ""))

    def recording(self, url: str) -> bytes:
        """The WAV of a recording; raises `RecordingMissing` with the reason when it cannot be had."""
        return self._recordings.fetch(self._http.session(), url)

    def _change(self, send: Callable[[], object]) -> Outcome:
        """One request about a call that exists, or did."""
        try:
            call = send()
        except CarrierError as error:
            if error.code == NOT_IN_PROGRESS or error.status == 404:
                return Outcome(Sent.GONE, why=str(error))
            return refused(error)
        status = str(getattr(call, "status", None) or "")
        return Outcome(Sent.DONE, sid=str(getattr(call, "sid", None) or ""), data={"status": status})


def refused(error: CarrierError) -> Outcome:
    """What it means that the carrier did not do what it was asked."""
    if error.status in (401, 403):
        logger.error("The carrier does not accept TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (%s)", error)
    if error.happened:
        return Outcome(Sent.UNKNOWN, why=str(error))
    return Outcome(Sent.REFUSED, why=f"{error.code}: {error}" if error.code else str(error))
