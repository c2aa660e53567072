"""An ear on a caller's stream: words become steps, and silence is not taken for theirs while they speak."""

from collections.abc import Sequence

from app.core.entities import CallState
from app.core.inputs import Utterance
from app.core.instructions import Listen
from app.ports.recognizer import Speaking
from app.usecases.desk import Desk
from tests.shop import Shop

Heard = Speaking | Utterance


class Script:
    """A recognition that hears what the test wrote, one line a frame."""

    def __init__(self, *frames: Sequence[Heard], last: Sequence[Utterance] = ()) -> None:
        self._frames = list(frames)
        self._last = last

    def accept(self, payload: bytes, timestamp: int | None) -> Sequence[Heard]:
        return self._frames.pop(0)

    def finish(self) -> Sequence[Utterance]:
        return self._last


class Scripted:
    """An engine whose every stream follows the same script."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def listen(self) -> Script:
        return self._script

    def transcribe(self, recording: bytes) -> Utterance:
        raise AssertionError("no recording in these tests")


def desk_that_hears(shop: Shop, script: Script) -> tuple[Desk, str]:
    """A desk with that recognizer, and the token of call CA1."""
    listen = shop.rings().instructions[0]
    assert isinstance(listen, Listen)
    return Desk(shop.context, Scripted(script)), listen.token


def test_words_on_the_stream_move_the_call() -> None:
    shop = Shop()
    desk, token = desk_that_hears(shop, Script([Speaking("i want")], [Utterance("i want to order")]))
    ear = desk.open_ear("CA1", token)
    assert ear is not None

    ear.hear(b"", 0)
    assert shop.call().state is CallState.LISTENING
    ear.hear(b"", 20)

    assert shop.task().queue == "sales"


def test_while_the_caller_speaks_the_prompts_silence_is_not_theirs() -> None:
    shop = Shop()
    desk, token = desk_that_hears(shop, Script([Speaking("well")], [Utterance("")]))
    ear = desk.open_ear("CA1", token)
    assert ear is not None

    ear.hear(b"", 0)
    shop.silence()
    assert shop.call().turn == 0

    ear.hear(b"", 20)
    shop.silence()
    assert shop.call().turn == 1


def test_words_belong_to_the_turn_in_which_they_began() -> None:
    shop = Shop()
    desk, token = desk_that_hears(shop, Script([Speaking("there")], [Utterance("there is a problem")]))
    ear = desk.open_ear("CA1", token)
    assert ear is not None

    ear.hear(b"", 0)
    shop.presses("1")
    ear.hear(b"", 20)

    assert shop.task().queue == "sales"
    assert shop.call().utterances == 1


def test_what_was_still_being_said_when_the_stream_ended_counts_once() -> None:
    shop = Shop()
    desk, token = desk_that_hears(shop, Script(last=[Utterance("i want to order")]))
    ear = desk.open_ear("CA1", token)
    assert ear is not None

    ear.close()
    ear.close()

    assert shop.call().utterances == 1
    assert shop.task().queue == "sales"


def test_only_the_calls_own_stream_is_listened_to() -> None:
    shop = Shop()
    desk, token = desk_that_hears(shop, Script())

    assert desk.open_ear("CA1", "guess") is None
    assert desk.open_ear("CA1", "ü") is None
    assert desk.open_ear("CA-unknown", token) is None
    shop.desk.ended("CA1", "completed")
    assert desk.open_ear("CA1", token) is None
