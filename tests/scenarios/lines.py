"""A call of which the test sends every webhook itself, signed as the carrier signs."""

import secrets
from dataclasses import dataclass, field

import requests

from app.commands.rehearsal import PUBLIC_URL
from app.simulator.signature import signature
from tests.scenarios.world import NUMBER, World, eventually


def _sid() -> str:
    return f"CA{secrets.token_hex(16)}"


@dataclass(frozen=True)
class Line:
    """One call; `token` stands in for the account's when somebody pretends to be the carrier."""

    world: World
    sid: str = field(default_factory=_sid)
    caller: str = "+12025550420"
    token: str = ""

    def post(self, path: str, **extra: str) -> requests.Response:
        """One webhook."""
        settings = self.world.carrier.exchange.settings
        fields = {
            "CallSid": self.sid,
            "AccountSid": settings.account_sid,
            "From": self.caller,
            "To": NUMBER,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            **extra,
        }
        signed = signature(self.token or settings.auth_token, PUBLIC_URL + path, fields.items())
        headers = {"X-Twilio-Signature": signed, "Host": PUBLIC_URL.removeprefix("https://")}
        return requests.post(self.world.url + path, data=fields, headers=headers, timeout=10)

    def count(self, kind: str) -> int:
        """How many events of a kind the call's story holds."""
        told = self.world.rehearsal.get(f"/api/v1/calls/{self.sid}") or {"events": []}
        return [line["type"] for line in told["events"]].count(kind)

    def ends(self) -> None:
        """The caller hangs up, and the history knows."""
        assert self.post("/voice/status", CallStatus="completed", SequenceNumber="3").status_code == 204
        assert eventually(lambda: self.count("call.ended") == 1)
