"""Only what the carrier signed for our public address is believed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.telephony.twilio.links import Links
from app.telephony.twilio.signature import Fields, Gate, Signed, without_values
from tests.telephony.twilio.support import signature

TOKEN = "12345"
BY_SHARED_KEY = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def gate(public: str = "https://example.com", **options: str) -> Gate:
    media = options.pop("media", "")
    return Gate(Links(public, media=media), options.pop("token", TOKEN), **options)


def signed(target: str, given: str, *pairs: tuple[str, str], settings: str = "") -> Signed:
    return Signed(target, given, settings, Fields(pairs))


EXAMPLE = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
]
EXAMPLE_TARGET = "/myapp.php?foo=1&bar=2"
EXAMPLE_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="
OTHER = [(name, value.replace("5310", "5309")) for name, value in EXAMPLE]
JSON = '{"hello":"wörld"}'.encode()
JSON_TARGET = "/json?bodySHA256=15fe936d5a5c4a564c8dc9002280009263c0cc0bd0f28e16652529a9f83b2d23"
JSON_SIGNATURE = "fhTB5xvTY5V5TT3ZWq3/Iu8kRZg="


def test_the_carriers_own_example_is_authentic() -> None:
    assert gate().check(signed(EXAMPLE_TARGET, EXAMPLE_SIGNATURE, *EXAMPLE)).authentic


def test_the_example_of_its_handbook_is_authentic() -> None:
    request = signed(EXAMPLE_TARGET, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", *OTHER)
    assert gate("https://mycompany.com").check(request).authentic


def test_emoji_blank_values_and_signs_are_signed_as_they_are() -> None:  # row 23
    pairs = [("alpha", "a"), ("Body", "hé 😀 +&="), ("Zed", "z"), ("To", "")]
    assert gate().check(signed("/voice?q=1", "7PE32R3wxzHdA/VgeWn3eGxpIDw=", *pairs)).authentic


def test_a_json_body_is_authentic_by_the_hash_in_its_address() -> None:
    assert gate().check(Signed(JSON_TARGET, JSON_SIGNATURE, body=JSON, json=True)).authentic


@pytest.mark.parametrize("target", [JSON_TARGET, "/json", "/json?bodySHA256=", "/json?bodySHA256=é"])
def test_a_json_body_other_than_announced_is_refused(target: str) -> None:  # row 10
    given = signature("https://example.com" + target, token=TOKEN)
    assert not gate().check(Signed(target, given, body=b'{"hello":"world"}', json=True)).authentic


def test_the_media_sockets_example_is_authentic() -> None:
    assert gate().check_socket(Signed("/media", "7PR3qMkpDyEJtMrVOY/LDyNq8J8=")).authentic


CHANGES = {
    "added": [*EXAMPLE, ("Extra", "1")],
    "removed": EXAMPLE[1:],
    "changed": [*EXAMPLE[:-1], ("To", "+18005551213")],
    "repeated with another value": [*EXAMPLE, ("Digits", "9")],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_field_is_refused(change: str) -> None:  # row 23
    assert not gate().check(signed(EXAMPLE_TARGET, EXAMPLE_SIGNATURE, *CHANGES[change])).authentic


def test_a_blank_value_that_was_dropped_is_noticed() -> None:  # row 23
    given = signature("https://example.com/v", [("A", "1"), ("SpeechResult", "")], TOKEN)
    assert gate().check(signed("/v", given, ("A", "1"), ("SpeechResult", ""))).authentic
    assert not gate().check(signed("/v", given, ("A", "1"))).authentic


def test_the_order_of_fields_does_not_matter() -> None:  # row 23
    assert gate().check(signed(EXAMPLE_TARGET, EXAMPLE_SIGNATURE, *reversed(EXAMPLE))).authentic


def test_a_repeated_field_is_signed_with_each_of_its_values() -> None:  # row 15
    pairs = [("Digits", "2"), ("Digits", "1"), ("Digits", "2")]
    assert gate().check(signed("/v", signature("https://example.com/v", pairs, TOKEN), *pairs)).authentic


ODD = [
    "",
    " ",
    "x",
    EXAMPLE_SIGNATURE[:-4],
    EXAMPLE_SIGNATURE + "=",
    "é",
    "\udcff",
    f"{EXAMPLE_SIGNATURE},{EXAMPLE_SIGNATURE}",
]


@pytest.mark.parametrize("given", ODD)
def test_an_odd_signature_is_refused_without_fuss(given: str) -> None:  # row 21
    verdict = gate().check(signed(EXAMPLE_TARGET, given, *EXAMPLE))
    assert not verdict.authentic
    assert verdict.why


@given(target=st.text(max_size=60), given_signature=st.text(max_size=40), settings_header=st.text(max_size=60))
def test_whatever_a_request_holds_it_is_refused_and_not_failed_on(
    target: str, given_signature: str, settings_header: str
) -> None:
    request = signed(target, given_signature, ("A", "\ud800"), settings=settings_header)
    assert not gate().check(request).authentic
    assert not gate().check_socket(request).authentic


def test_only_the_public_address_counts() -> None:  # row 22
    for elsewhere in ("http://example.com", "https://127.0.0.1:5000", "https://evil.example.org"):
        given = signature(elsewhere + "/voice/incoming", EXAMPLE, TOKEN)
        assert not gate().check(signed("/voice/incoming", given, *EXAMPLE)).authentic


WAYS = [
    ("https://example.com", "https://example.com:443/v"),
    ("https://example.com:443", "https://example.com/v"),
    ("https://example.com:8443", "https://example.com:8443/v"),
    ("https://Example.COM", "https://Example.COM/v"),
    ("https://Example.COM", "https://example.com/v"),
    ("https://user:pw@example.com", "https://user:pw@example.com/v"),
    ("https://user:pw@example.com", "https://example.com/v"),
]


@pytest.mark.parametrize(("public", "as_signed"), WAYS)
def test_each_way_to_write_the_address_is_understood(public: str, as_signed: str) -> None:  # row 20
    given = signature(as_signed, EXAMPLE, TOKEN)
    assert gate(public).check(signed("/v", given, *EXAMPLE)).authentic


def test_an_empty_query_may_be_signed_with_or_without_its_mark() -> None:  # row 20
    for as_signed in ("https://example.com/v?", "https://example.com/v"):
        assert gate().check(signed("/v?", signature(as_signed, (), TOKEN))).authentic


def test_another_port_is_another_address() -> None:
    given = signature("https://example.com:8443/v", EXAMPLE, TOKEN)
    assert not gate().check(signed("/v", given, *EXAMPLE)).authentic


def test_both_tokens_are_good_while_they_are_changed() -> None:  # row 25
    changing = gate(next_token="67890")
    for token in (TOKEN, "67890"):
        given = signature("https://example.com/v", EXAMPLE, token)
        assert changing.check(signed("/v", given, *EXAMPLE)).authentic
    assert not gate().check(signed("/v", signature("https://example.com/v", EXAMPLE, "67890"), *EXAMPLE)).authentic


def test_a_shared_key_is_used_when_it_is_set() -> None:  # row 24
    given = signature("https://example.com/v", EXAMPLE, "shared-secret", hashlib.sha256)
    request = signed("/v", given, *EXAMPLE, settings=BY_SHARED_KEY)
    assert gate(shared_key="shared-secret").check(request).authentic
    assert not gate().check(request).authentic


def test_the_token_does_not_pass_for_a_shared_key() -> None:  # row 24
    given = signature("https://example.com/v", EXAMPLE, TOKEN, hashlib.sha256)
    request = signed("/v", given, *EXAMPLE, settings=BY_SHARED_KEY)
    assert not gate(shared_key="shared-secret").check(request).authentic
    assert not gate().check(request).authentic


@pytest.mark.parametrize("algorithm", ["HMAC_MD5", "none", "HMAC_SHA512"])
def test_an_algorithm_nobody_knows_is_refused(algorithm: str) -> None:  # row 24
    given = signature("https://example.com/v", EXAMPLE, TOKEN)
    settings = f"key=k,algorithm={algorithm}"
    assert not gate(shared_key="shared-secret").check(signed("/v", given, *EXAMPLE, settings=settings)).authentic


def test_without_a_token_nothing_is_believed_and_the_setting_is_named() -> None:
    verdict = gate(token="").check(signed("/v", signature("https://example.com/v", (), "")))
    assert not verdict.authentic
    assert "TWILIO_AUTH_TOKEN" in verdict.why


@pytest.mark.parametrize("address", ["https://example.com/media", "http://example.com/media", "ws://example.com/media"])
def test_a_socket_is_signed_by_its_wss_address_alone(address: str) -> None:  # row 26
    assert not gate().check_socket(Signed("/media", signature(address, (), TOKEN))).authentic


@pytest.mark.parametrize("address", ["wss://example.com/media/", "wss://example.com:443/media"])
def test_a_sockets_address_may_be_written_in_full(address: str) -> None:
    assert gate().check_socket(Signed("/media", signature(address, (), TOKEN))).authentic


def test_a_media_address_of_its_own_is_the_one_that_counts() -> None:
    elsewhere = gate(media="wss://media.example.com/live/media")
    given = signature("wss://media.example.com/live/media", (), TOKEN)
    assert elsewhere.check_socket(Signed("/media", given)).authentic
    assert not elsewhere.check_socket(Signed("/media", "7PR3qMkpDyEJtMrVOY/LDyNq8J8=")).authentic


def test_a_refusal_shows_the_address_without_numbers_or_secrets() -> None:
    verdict = gate("https://user:pw@example.com").check(signed("/v?From=%2B15550100&Secret=x", "no"))
    assert verdict.checked == "https://example.com/v?From&Secret"


def test_an_address_for_the_log_holds_no_control_characters() -> None:
    assert without_values("https://example.com/a\x1b[31mb?x\u202e=1") == "https://example.com/a?[31mb?x?"
