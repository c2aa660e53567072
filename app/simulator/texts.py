"""Texts (SMS) between people and the server."""

from typing import TYPE_CHECKING

from app.simulator.exchange import Text
from app.simulator.sids import new_sid, rfc2822
from app.simulator.twiml import BadDocument, parse
from app.simulator.webhook import Request, WebhookFailed

if TYPE_CHECKING:
    from app.simulator.exchange import Exchange


def send_text(exchange: "Exchange", from_number: str, to: str, body: str, callback: str = "") -> Text:
    """Keep a text as sent, and tell its delivery."""
    text = Text(new_sid("SM"), from_number, to, body, rfc2822(), callback)
    with exchange.lock:
        exchange.texts.append(text)
    exchange.log.publish("message", text.sid, to, body)
    for status in ("sent", "delivered") if callback else ():
        fields = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": to,
            "From": from_number,
            "AccountSid": exchange.settings.account_sid,
            "ApiVersion": "2010-04-01",
        }
        request = Request(callback, "POST", fields, sid=text.sid, purpose=f"message {status}")
        exchange.notify(text.sid, exchange.web_of(text.sid), request)
    return text


def receive_text(exchange: "Exchange", from_number: str, to: str, body: str) -> None:
    """Deliver a person's text to the server, and send what its TwiML says in answer."""
    number, sid = exchange.numbers[to], new_sid("SM")
    fields = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": exchange.settings.account_sid,
        "From": from_number,
        "To": to,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    web = exchange.web()
    try:
        reply = web.send(Request(number.sms_url, number.sms_method, fields, sid=sid, purpose="text"))
        document = parse(reply.body, reply.url) if reply.body.strip() else None
    except (WebhookFailed, BadDocument) as failure:
        exchange.log.publish("webhook failed", sid, from_number, str(failure))
        return
    finally:
        web.close()
    for verb in document.verbs if document else ():
        if verb.name == "Message":
            text = " ".join(child.text for child in verb.nouns("Body")) or verb.text
            send_text(exchange, verb.get("from") or to, verb.get("to") or from_number, text)
