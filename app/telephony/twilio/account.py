"""Reads the carrier's account and says what would fail before a caller finds out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import phonenumbers

from app.telephony.twilio.http import CarrierError
from app.telephony.twilio.links import Links

Client = Any  # the SDK's, which has no types
_SETTINGS = "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it."""

    level: Level
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What this installation needs of the account: our number, and who is rung (name, number)."""

    links: Links
    caller_id: str
    phones: Sequence[tuple[str, str]] = ()


def examine(client: Client, expected: Expected) -> list[Finding]:
    """Everything found, good and bad, in the order in which to put it right."""
    try:
        account = client.api.accounts(client.account_sid).fetch()
    except CarrierError as error:
        hint = f"Check {_SETTINGS}." if error.status in (401, 403, 404) else "Is the carrier reachable from here?"
        return [Finding(Level.PROBLEM, f"the account cannot be read: {error}", hint)]
    is_trial = str(account.type or "").lower() == "trial"
    findings = [*_account(str(account.status or ""), is_trial)]
    findings += _guarded("the number", lambda: _number(client, expected))
    if is_trial:
        findings += _guarded("the verified numbers", lambda: _verified(client, expected))
    findings += _countries(client, expected)
    return findings


def set_webhooks(client: Client, expected: Expected) -> Finding:
    """Points our number at this installation."""
    try:
        numbers = client.incoming_phone_numbers.list(phone_number=expected.caller_id, limit=1)
        if not numbers:
            return _no_number(expected)
        client.incoming_phone_numbers(numbers[0].sid).update(
            voice_url=expected.links.page("/voice/incoming"),
            voice_method="POST",
            voice_fallback_url=expected.links.page("/voice/fallback"),
            voice_fallback_method="POST",
            status_callback=expected.links.page("/voice/status"),
            status_callback_method="POST",
            sms_url=expected.links.page("/sms/incoming"),
            sms_method="POST",
        )
    except CarrierError as error:
        return Finding(Level.PROBLEM, f"the webhooks could not be set: {error}", f"Check {_SETTINGS}.")
    return Finding(Level.GOOD, f"{expected.caller_id} now calls {expected.links.page('/voice/incoming')}")


def _account(status: str, is_trial: bool) -> Iterator[Finding]:
    if status != "active":
        yield Finding(Level.PROBLEM, f"the account is {status or 'in an unknown state'}", "Ask the carrier.")
    elif is_trial:
        yield Finding(
            Level.WARNING,
            "this is a trial account: it rings verified numbers only, and callers hear an announcement first",
            "Upgrade the account before you give out the number.",
        )
    else:
        yield Finding(Level.GOOD, "the account is active")


def _number(client: Client, expected: Expected) -> Iterator[Finding]:
    if not expected.caller_id:
        yield Finding(Level.PROBLEM, "no number is set", "Set TWILIO_CALLER_ID to a number of the account.")
        return
    numbers = client.incoming_phone_numbers.list(phone_number=expected.caller_id, limit=1)
    if not numbers:
        yield _no_number(expected)
        return
    number = numbers[0]
    if not (number.capabilities or {}).get("voice", True):
        yield Finding(Level.PROBLEM, f"{expected.caller_id} takes no voice calls", "Choose another number.")
    if number.voice_application_sid or number.trunk_sid:
        yield Finding(
            Level.PROBLEM,
            f"{expected.caller_id} is tied to an application or trunk, so its webhooks are not used",
            "Set the number to webhooks in the carrier's console.",
        )
    yield from _webhooks(number, expected.links)


def _webhooks(number: Any, links: Links) -> Iterator[Finding]:
    wanted = {
        "a call comes in": (number.voice_url, number.voice_method, links.page("/voice/incoming")),
        "call status changes": (
            number.status_callback,
            number.status_callback_method,
            links.page("/voice/status"),
        ),
    }
    for when, (url, method, ours) in wanted.items():
        if _same(url or "", ours):
            yield Finding(Level.GOOD, f"when {when}, the carrier asks {ours} by {method or 'POST'}")
        else:
            hint = f"Set it to {ours}, or let `switchboard check --carrier --set` do it."
            yield Finding(Level.PROBLEM, f"when {when}, the carrier asks {url or 'nobody'}", hint)
    if not number.voice_fallback_url:
        hint = f"Host fallback.xml elsewhere and name it there, or use {links.page('/voice/fallback')}."
        yield Finding(Level.WARNING, "there is no fallback for when this server cannot be reached", hint)


def _verified(client: Client, expected: Expected) -> Iterator[Finding]:
    known = {str(entry.phone_number) for entry in client.outgoing_caller_ids.list(limit=1000)}
    for name, phone in expected.phones:
        if phone not in known:
            hint = "Verify it in the carrier's console under verified caller IDs."
            yield Finding(Level.PROBLEM, f"{name}'s number is not verified, so it cannot be rung", hint)


def _countries(client: Client, expected: Expected) -> Iterator[Finding]:
    names: dict[str, list[str]] = {}
    for name, phone in expected.phones:
        country = country_of(phone)
        if not country:
            yield Finding(Level.PROBLEM, f"{name}'s number is of no country", "Write it as +1555… in full.")
        else:
            names.setdefault(country, []).append(name)
    for country, who in sorted(names.items()):
        try:
            found = client.voice.v1.dialing_permissions.countries(country).fetch()
        except CarrierError as error:
            what = f"whether numbers in {country} may be called cannot be read: {error}"
            yield Finding(Level.WARNING, what, "Look at the carrier's voice geographic permissions.")
            continue
        if not found.low_risk_numbers_enabled:
            what = f"calls to {country} are not allowed, so {', '.join(who)} cannot be rung"
            yield Finding(Level.PROBLEM, what, "Allow the country in the voice geographic permissions.")


def country_of(phone: str) -> str:
    """The country of a number in international form, in two letters; empty when it has none."""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""


def _guarded(what: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except CarrierError as error:
        return [Finding(Level.PROBLEM, f"{what} cannot be read: {error}", f"Check {_SETTINGS}.")]


def _no_number(expected: Expected) -> Finding:
    hint = "Set TWILIO_CALLER_ID to one of the account's numbers, or buy it."
    return Finding(Level.PROBLEM, f"{expected.caller_id} is not a number of this account", hint)


def _same(url: str, ours: str) -> bool:
    return _plain(url) == _plain(ours)


def _plain(url: str) -> str:
    """An address without what makes no difference: overrides after #, the case of the host, a last slash."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/"), fragment=""))
