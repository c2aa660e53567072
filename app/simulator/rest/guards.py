"""What the carrier refuses to dial: malformed numbers, countries that are off, unverified numbers on trial."""

import re

from app.simulator.exchange import Exchange
from app.simulator.rest.errors import RestError


def check_destination(exchange: Exchange, to: str, from_number: str) -> None:
    """Raise the API's error for a call that it would not place."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}|sip:.+|client:.+", to):
        raise RestError(400, 21211, f"The phone number you are attempting to call, {to}, is not valid.")
    own = from_number in exchange.numbers or from_number in exchange.verified_numbers
    if not own and not from_number.startswith(("client:", "sip:")):
        raise RestError(400, 21210, f"The source phone number provided, {from_number}, is not yet verified")
    if to.startswith("+") and not any(to.startswith(prefix) for prefix in exchange.allowed_prefixes):
        raise RestError(400, 21215, f"Account not authorized to call {to}. Check the geographic permissions.")
    if exchange.settings.account_type == "Trial" and to not in exchange.verified_numbers:
        raise RestError(400, 21219, f"The number {to} is unverified. Trial accounts may only call verified numbers.")
