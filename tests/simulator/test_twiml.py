"""TwiML is read strictly: the carrier's defaults, its errors and its warnings."""

import pytest

from app.simulator.twiml import BadDocument, Document, parse
from app.simulator.vocabulary import Context


def read(body: str, context: Context = "call") -> Document:
    return parse(f"<Response>{body}</Response>".encode(), "https://unicone.example/voice", context=context)


def warned(body: str, context: Context = "call") -> list[str]:
    return [str(warning) for warning in read(body, context).warnings]


# Defaults of the verbs' pages: Gather timeout 5, finishOnKey #, dtmf; Record 5 s of silence, an hour; Dial 30 s.
@pytest.mark.parametrize(
    ("body", "attribute", "default"),
    [
        ("<Gather/>", "timeout", "5"),
        ("<Gather/>", "finishOnKey", "#"),
        ("<Gather/>", "input", "dtmf"),
        ("<Gather/>", "method", "POST"),
        ("<Gather/>", "actionOnEmptyResult", "false"),
        ("<Record/>", "timeout", "5"),
        ("<Record/>", "finishOnKey", "1234567890*#"),
        ("<Record/>", "maxLength", "3600"),
        ("<Record/>", "playBeep", "true"),
        ("<Dial>1</Dial>", "timeout", "30"),
        ("<Dial>1</Dial>", "timeLimit", "14400"),
        ("<Pause/>", "length", "1"),
        ("<Say>x</Say>", "loop", "1"),
        ("<Reject/>", "reason", "rejected"),
    ],
)
def test_what_a_document_leaves_out_has_the_documented_default(body: str, attribute: str, default: str) -> None:
    assert read(body).verbs[0].get(attribute) == default


# "Leading whitespace before <?xml, missing root, unescaped & < > ⇒ 12100 error"; "Body > 64 kB ⇒ 11750".
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b" <?xml version='1.0'?><Response/>", 12100),
        (b"<Say>no root</Say>", 12100),
        (b"<Response><Say>fish & chips</Say></Response>", 12100),
        (b"", 12100),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><Response/>", 12100),
        (b"<Response>" + b" " * 65536 + b"</Response>", 11750),
    ],
)
def test_what_is_no_document_is_an_error(body: bytes, code: int) -> None:
    with pytest.raises(BadDocument) as caught:
        parse(body)
    assert caught.value.trouble.code == code


# "Unknown verb/attribute/nesting ⇒ 12200 warning only."
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<Sing>la</Sing><Say>x</Say>", "<Sing> is not allowed in <Response>"),
        ("<Say mood='glad'>x</Say>", "unknown attribute"),
        ("<Gather><Dial>1</Dial></Gather><Say>x</Say>", "<Dial> is not allowed in <Gather>"),
        ("<Gather timeout='soon'/><Say>x</Say>", "not a whole number"),
        ("<Gather input='mind'/><Say>x</Say>", "not one of dtmf"),
        ("<Say>x</Say><Leave/>", "<Leave> is not allowed in a document for call"),
        ("<Say>x</Say><Redirect method='PUT'>/a</Redirect>", "neither GET nor POST"),
        ("<Dial><Number statusCallbackEvent='sneezed'>1</Number></Dial><Say>x</Say>", "unknown event"),
    ],
)
def test_what_is_unknown_is_warned_of_and_left_out(body: str, complaint: str) -> None:
    warnings = warned(body)
    assert len(warnings) == 1
    assert warnings[0].startswith("12200 ")
    assert complaint in warnings[0]
    assert any(verb.name == "Say" for verb in read(body).verbs)


def test_a_bad_value_is_replaced_by_the_default() -> None:
    assert read("<Gather timeout='soon'/>").verbs[0].whole("timeout") == 5


@pytest.mark.parametrize(
    ("context", "allowed", "refused"),
    [
        ("enqueue wait", "<Leave/>", "<Dial>1</Dial>"),
        ("number url", "<Gather/>", "<Dial>1</Dial>"),
        ("queue url", "<Redirect>/a</Redirect>", "<Gather/>"),
        ("conference wait", "<Play>/a.wav</Play>", "<Hangup/>"),
    ],
)
def test_documents_for_waiting_and_screening_allow_some_verbs_only(
    context: Context, allowed: str, refused: str
) -> None:
    assert warned(allowed, context) == []
    assert len(warned(refused, context)) == 1
    assert read(refused, context).verbs == ()


def test_speech_markup_is_heard_as_its_words() -> None:
    assert read("<Say>Hello <break/> <emphasis>dear</emphasis>\n caller</Say>").verbs[0].text == "Hello dear caller"


def test_nouns_and_parameters_are_kept() -> None:
    stream = read("<Start><Stream url='wss://a'><Parameter name='k' value='v'/></Stream></Start>").verbs[0].children[0]
    assert (stream.name, stream.get("track"), stream.children[0].get("value")) == ("Stream", "inbound_track", "v")
