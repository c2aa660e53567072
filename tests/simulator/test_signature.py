"""Webhooks are signed exactly as the official SDK checks them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from app.simulator.signature import signature

WORKED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


@pytest.mark.parametrize(
    ("url", "fields", "expected"),
    [
        ("https://example.com/myapp.php?foo=1&bar=2", WORKED, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            WORKED | {"Caller": "+14158675309", "From": "+14158675309"},
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            "https://example.com/voice?q=1",
            {"Body": "hé 😀 +&=", "To": "", "Zed": "z", "alpha": "a"},
            "7PE32R3wxzHdA/VgeWn3eGxpIDw=",
        ),
        ("wss://example.com/media", {}, "7PR3qMkpDyEJtMrVOY/LDyNq8J8="),
    ],
)
def test_the_published_vectors_are_reproduced(url: str, fields: dict[str, str], expected: str) -> None:
    assert signature("12345", url, fields.items()) == expected


def test_the_fragment_with_connection_overrides_is_not_signed() -> None:
    assert signature("t", "https://a.example/x#rc=2&rp=5xx") == signature("t", "https://a.example/x")


@given(fields=st.dictionaries(TEXTS.filter(bool), TEXTS))
def test_the_sdk_accepts_whatever_fields_are_signed(fields: dict[str, str]) -> None:
    url = "https://unicone.example/voice/incoming"
    assert RequestValidator("t").validate(url, fields, signature("t", url, fields.items()))


def test_the_sdk_accepts_a_repeated_field() -> None:
    fields = [("Digits", "2"), ("Digits", "1"), ("Digits", "2")]
    url = "https://unicone.example/voice/incoming"
    assert RequestValidator("t").validate(url, MultiDict(fields), signature("t", url, fields))
