"""The carrier's side: the addresses it finds us at, its account, and its commands."""

from app.bootstrap.installation import Installation
from app.settings import DEFAULT_TWILIO_API
from app.telephony.twilio.links import Links
from app.telephony.twilio.rest import Account, TwilioTelephony

RINGBACK = "ringback.wav"


def links_of(installation: Installation) -> Links:
    """The addresses the carrier finds us at."""
    settings = installation.settings
    return Links(settings.public_url or "", settings.media_url or "", settings.twilio_caller_id or "", RINGBACK)


def account_of(installation: Installation) -> Account:
    """The carrier's account."""
    settings = installation.settings
    api = "" if settings.twilio_api_url == DEFAULT_TWILIO_API else settings.twilio_api_url
    sid, token = settings.twilio_account_sid or "", settings.twilio_auth_token or ""
    return Account(sid, token, api, settings.twilio_caller_id or "")


def telephony_of(installation: Installation) -> TwilioTelephony:
    """The carrier's commands."""
    return TwilioTelephony(account_of(installation), links_of(installation))
