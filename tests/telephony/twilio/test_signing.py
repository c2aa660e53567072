"""What we send out carries the signature that the SDK asks for."""

import pytest
from twilio.request_validator import RequestValidator

from app.telephony.twilio.signing import Signer


def test_the_worked_example_of_the_carrier_is_signed_alike() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "From": "+14158675310",
        "Digits": "1234",
        "To": "+18005551212",
    }
    signature = Signer("12345")("https://example.com/myapp.php?foo=1&bar=2", fields)
    assert signature == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    "address",
    ["https://shop.example/assign#rc=2", "https://user:secret@shop.example/assign"],
    ids=["overrides after #", "credentials"],
)
def test_what_the_receiver_does_not_see_is_not_signed(address: str) -> None:
    fields = {"TaskSid": "WT1", "TaskAttributes": '{"Name": "Zoë & Söhne"}', "Empty": ""}
    signature = Signer("12345")(address, fields)
    assert RequestValidator("12345").validate("https://shop.example/assign", fields, signature)


def test_without_a_token_nothing_is_signed() -> None:
    assert Signer("")("https://shop.example/assign", {"A": "1"}) == ""
