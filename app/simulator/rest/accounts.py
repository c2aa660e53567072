"""The account itself over REST: its numbers, its verified callers, and the countries that it may call."""

from typing import Final

from flask import Blueprint, Response, jsonify, request

from app.simulator.exchange import Exchange, OwnNumber
from app.simulator.rest.errors import not_found
from app.simulator.rest.paging import Json, filtered, page
from app.simulator.sids import new_sid, rfc2822

_BASE: Final = "/2010-04-01/Accounts/<account>"
_CHANGEABLE: Final = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "FriendlyName": "friendly_name",
}
# Prefixes by country, as far as examples need them.
_COUNTRIES: Final = {"US": "+1", "CA": "+1", "GB": "+44", "DE": "+49", "FR": "+33", "IN": "+91", "LV": "+371"}


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes of the account and of the voice permissions."""
    routes = Blueprint("accounts", __name__)
    made = rfc2822()

    @routes.get(f"{_BASE}.json")
    def account() -> Response:
        return jsonify(_account_json(exchange, made))

    @routes.get(f"{_BASE}/OutgoingCallerIds.json")
    def caller_ids() -> Response:
        items = [_caller_id_json(exchange, number, made) for number in exchange.verified_numbers]
        return jsonify(page("outgoing_caller_ids", filtered(items, {"PhoneNumber": "phone_number"})))

    _numbers(routes, exchange)

    @routes.get("/v1/DialingPermissions/Countries")
    def countries() -> Response:
        items = [_country_json(exchange, code) for code in _COUNTRIES]
        wanted = request.args.get("IsoCode")
        content = [item for item in items if wanted in {None, item["iso_code"]}]
        meta = {"key": "content", "page": 0, "page_size": 50, "url": request.url, "first_page_url": request.url}
        return jsonify({"content": content, "meta": {**meta, "next_page_url": None, "previous_page_url": None}})

    @routes.get("/v1/DialingPermissions/Countries/<code>")
    def country(code: str) -> Response:
        if code not in _COUNTRIES:
            raise not_found(request.path)
        return jsonify(_country_json(exchange, code))

    return routes


def _numbers(routes: Blueprint, exchange: Exchange) -> None:
    @routes.get(f"{_BASE}/IncomingPhoneNumbers.json")
    def numbers() -> Response:
        items = [_number_json(exchange, number) for number in exchange.numbers.values()]
        return jsonify(page("incoming_phone_numbers", filtered(items, {"PhoneNumber": "phone_number"})))

    @routes.get(f"{_BASE}/IncomingPhoneNumbers/<sid>.json")
    def number(sid: str) -> Response:
        return jsonify(_number_json(exchange, _number(exchange, sid)))

    @routes.post(f"{_BASE}/IncomingPhoneNumbers/<sid>.json")
    def update(sid: str) -> Response:
        own = _number(exchange, sid)
        with exchange.lock:
            for name, attribute in _CHANGEABLE.items():
                if name in request.form:
                    setattr(own, attribute, request.form[name])
        return jsonify(_number_json(exchange, own))


def _number(exchange: Exchange, sid: str) -> OwnNumber:
    for own in exchange.numbers.values():
        if own.sid == sid:
            return own
    raise not_found(f"/IncomingPhoneNumbers/{sid}.json")


def _account_json(exchange: Exchange, made: str) -> Json:
    account = exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}"
    return {
        "sid": account,
        "auth_token": exchange.settings.auth_token,
        "owner_account_sid": account,
        "friendly_name": "Pretend carrier",
        "status": "active",
        "type": exchange.settings.account_type,
        "date_created": made,
        "date_updated": made,
        "uri": f"{uri}.json",
        "subresource_uris": {"calls": f"{uri}/Calls.json", "messages": f"{uri}/Messages.json"},
    }


def _caller_id_json(exchange: Exchange, number: str, made: str) -> Json:
    account, sid = exchange.settings.account_sid, new_sid("PN")
    return {
        "sid": sid,
        "account_sid": account,
        "friendly_name": number,
        "phone_number": number,
        "date_created": made,
        "date_updated": made,
        "uri": f"/2010-04-01/Accounts/{account}/OutgoingCallerIds/{sid}.json",
    }


def _number_json(exchange: Exchange, own: OwnNumber) -> Json:
    account = exchange.settings.account_sid
    unset = ("address_sid", "identity_sid", "sms_application_sid", "sms_fallback_url", "trunk_sid")
    return {
        "sid": own.sid,
        "account_sid": account,
        "phone_number": own.phone_number,
        **{attribute: getattr(own, attribute) for attribute in _CHANGEABLE.values()},
        **dict.fromkeys((*unset, "voice_application_sid", "emergency_address_sid", "bundle_sid")),
        "sms_fallback_method": "POST",
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "date_created": own.created,
        "date_updated": own.created,
        "origin": "twilio",
        "voice_receive_mode": "voice",
        "voice_caller_id_lookup": False,
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "status": "in-use",
        "type": "local",
        "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{own.sid}.json",
    }


def _country_json(exchange: Exchange, code: str) -> Json:
    prefix = _COUNTRIES[code]
    allowed = any(prefix.startswith(allowed) for allowed in exchange.allowed_prefixes)
    return {
        "iso_code": code,
        "name": code,
        "continent": "",
        "country_codes": [prefix],
        "low_risk_numbers_enabled": allowed,
        "high_risk_special_numbers_enabled": False,
        "high_risk_tollfraud_numbers_enabled": False,
        "url": f"{exchange.api_url}/v1/DialingPermissions/Countries/{code}",
        "links": {},
    }
