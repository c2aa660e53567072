"""Record: what a caller leaves behind, and who is told of it."""

import io
import wave

import numpy as np
import pytest
import requests

from app.simulator import HangUp, ListenUntil, Press, SayWords, Speak, Wait
from app.simulator.audio import read_wav, to_mulaw, to_samples
from tests.simulator.stage import ACCOUNT, TOKEN, Stage

VOICE = to_mulaw(np.full(800, 5000, dtype=np.int16))
RECORD = (
    '<Say>After the beep</Say><Record action="/recorded" timeout="1" playBeep="false"'
    ' recordingStatusCallback="/filed"/><Say>nothing said</Say>'
)


def test_a_message_ends_with_silence_and_is_a_real_sound_file(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD
    stage.answers["/recorded"] = "<Say>Thank you</Say>"
    result = stage.call(ListenUntil("after the beep", finished=True), Wait(0.2), Speak(VOICE, "voice"))
    asked = stage.requests_to("/recorded")[0]
    assert asked.genuine
    assert (asked.fields["Digits"], asked.fields["RecordingDuration"]) == ("", "1")
    filed = stage.request_to("/filed").fields
    assert (filed["RecordingStatus"], filed["CallSid"], filed["RecordingSource"]) == (
        "completed",
        result.sid,
        "RecordVerb",
    )
    assert "From" not in filed
    file = requests.get(filed["RecordingUrl"], auth=(ACCOUNT, TOKEN), timeout=5)
    assert to_mulaw(to_samples(read_wav(file.content))).strip(b"\xff") == VOICE
    with wave.open(io.BytesIO(file.content)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (8000, 1, 2)
    assert stage.heard(result) == ["After the beep", "Thank you"]
    assert result.outcome == "voicemail"


# "If Twilio receives an empty recording, … the call flow continues with the next verb."
def test_an_empty_recording_goes_on_with_the_next_verb(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD
    result = stage.call()
    assert stage.heard(result) == ["After the beep", "nothing said"]
    assert stage.requests_to("/recorded") == []


# "finishOnKey (1234567890*#, several allowed)"; "Digits (key that ended it)".
def test_a_key_ends_the_recording(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD.replace('timeout="1"', 'timeout="30" finishOnKey="#9"')
    stage.call(ListenUntil("after the beep", finished=True), Wait(0.2), Speak(VOICE, "voice"), Press("19"))
    assert stage.requests_to("/recorded")[0].fields["Digits"] == "9"


# Edge case 30: "action with Digits=hangup, then recordingStatusCallback later; reply ignored; voicemail kept".
def test_a_message_is_kept_when_the_caller_hangs_up(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD
    stage.answers["/recorded"] = "<Say>never</Say>"
    result = stage.call(ListenUntil("after the beep", finished=True), Wait(0.2), Speak(VOICE, "voice"), HangUp())
    assert stage.request_to("/recorded").fields["Digits"] == "hangup"
    assert stage.request_to("/recorded").fields["CallStatus"] == "completed"
    assert stage.request_to("/filed").fields["RecordingDuration"] == "1"
    assert "never" not in stage.heard(result)
    assert result.outcome == "voicemail"
    assert len(result.recordings) == 1


# "maxLength (3600)".
def test_a_message_is_cut_at_its_greatest_length(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD.replace('timeout="1"', 'timeout="0" maxLength="2" trim="do-not-trim"')
    stage.call(ListenUntil("after the beep", finished=True), Wait(0.1), Speak(VOICE * 40, "voice"))
    assert stage.request_to("/recorded").fields["RecordingDuration"] == "2"


def test_words_written_into_frames_survive_in_the_file(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD
    stage.call(ListenUntil("after the beep", finished=True), Wait(0.2), SayWords("call me back", 0.1), HangUp())
    file = requests.get(stage.request_to("/filed").fields["RecordingUrl"], auth=(ACCOUNT, TOKEN), timeout=5)
    assert read_wav(file.content).startswith(b"SWB1:call me back\n")


# "not ready/deleted ⇒ 404/20404"; "when enforced use HTTP Basic".
def test_a_file_cannot_be_fetched_without_credentials_or_after_deletion(stage: Stage) -> None:
    stage.answers["/voice/incoming"] = RECORD
    stage.call(ListenUntil("after the beep", finished=True), Wait(0.2), Speak(VOICE, "voice"), HangUp())
    fields = stage.request_to("/filed").fields
    assert requests.get(fields["RecordingUrl"], timeout=5).status_code == 401
    recording = stage.client.recordings(fields["RecordingSid"])
    assert recording.fetch().status == "completed"
    assert recording.delete()
    gone = requests.get(f"{fields['RecordingUrl']}.wav", auth=(ACCOUNT, TOKEN), timeout=5)
    assert (gone.status_code, gone.json()["code"]) == (404, 20404)


@pytest.mark.parametrize("suffix", ["", ".wav"])
def test_a_file_has_its_address_with_and_without_suffix(stage: Stage, suffix: str) -> None:
    stage.answers["/voice/incoming"] = RECORD
    stage.call(ListenUntil("after the beep", finished=True), Wait(0.2), Speak(VOICE, "voice"), HangUp())
    url = stage.request_to("/filed").fields["RecordingUrl"]
    assert requests.get(url + suffix, auth=(ACCOUNT, TOKEN), timeout=5).content[:4] == b"RIFF"
