"""What each side hears: the instructions that belong to a call's state, an offer or a place in line."""

from dataclasses import dataclass

from app.core.config import Config, Listening, Queue
from app.core.dialogue import keypad
from app.core.entities import Call, CallState, Task, Worker
from app.core.instructions import (
    Again,
    Ask,
    Forward,
    HangUp,
    Instruction,
    Listen,
    Meet,
    Pause,
    Play,
    Prompt,
    Record,
    Reply,
    Say,
    Script,
    StopListening,
    Wait,
)

KEY_GAP = 2
EARS_REOPENED = 2
RECORDED_TURN = 15
WEEK_MS = 7 * 86_400_000
GONE = "The caller has gone. Thank you. Goodbye."


def present(call: Call, config: Config) -> Script:
    """The caller's instructions in the state the call is in; asking twice gives the same."""
    return Script(_CALLER[call.state](call, config), call.turn, config.language, config.voice)


def _listening(call: Call, config: Config) -> tuple[Instruction, ...]:
    if call.keys:
        return (_ask(call, config, (), seconds=KEY_GAP),)
    words = config.greeting if call.turn == 0 else config.turns.what or config.greeting
    said = _say(call.say_first, words, keypad(config).say if call.keypad_first and call.attempts == 0 else "")
    return (*_ears(call, config), *_hear(call, config, said))


def _ears(call: Call, config: Config) -> tuple[Instruction, ...]:
    """Begins to listen, and again after the stream has broken, but not for ever: keys work all the time."""
    broke = not call.streaming and 0 < call.ears_lost <= EARS_REOPENED
    live = config.listening is Listening.LIVE and (call.turn == 0 or broke)
    return (Listen(call.token),) if live else ()


def _deaf(config: Config) -> tuple[Instruction, ...]:
    """What a caller says to somebody else is none of our ears' business."""
    return (StopListening(),) if config.listening is Listening.LIVE else ()


def _hear(call: Call, config: Config, prompts: tuple[Prompt, ...]) -> tuple[Instruction, ...]:
    if config.listening is Listening.RECORD and not call.keypad_first:
        return (Ask(prompts, Reply.TURN, seconds=1, runs_on=True), Record(Reply.TURN, RECORDED_TURN))
    return (_ask(call, config, prompts),)


def _ask(call: Call, config: Config, prompts: tuple[Prompt, ...], seconds: int = 0) -> Ask:
    spoken = config.listening is Listening.CARRIER
    hints = tuple(word for route in config.routes.values() if not route.hidden for word in route.keywords)
    return Ask(
        prompts, Reply.TURN, keys=1, seconds=seconds or config.turns.silence, speech=spoken,
        hints=hints if spoken else (),
    )  # fmt: skip


def _transcribing(call: Call, config: Config) -> tuple[Instruction, ...]:
    return (Say(config.turns.connecting), Pause(2), Again())


def _confirming(call: Call, config: Config) -> tuple[Instruction, ...]:
    question = config.turns.confirm.format(title=config.routes[call.proposed].title)
    return (
        *_ears(call, config),
        *_hear(call, config, _say(call.say_first, f"{question} Say yes, or press 1. Otherwise press 2.")),
    )


def _choosing(call: Call, config: Config) -> tuple[Instruction, ...]:
    if call.keys:
        return (_ask(call, config, (), seconds=KEY_GAP),)
    menu = config.menus.get(call.menu) or keypad(config)
    return (*_ears(call, config), _ask(call, config, _say(call.say_first, menu.say)))


def _waiting(call: Call, config: Config) -> tuple[Instruction, ...]:
    line = call.destination.value if call.destination else "line"
    return (*_ears(call, config), *_say(call.say_first), Wait(line))


def _connected(call: Call, config: Config) -> tuple[Instruction, ...]:
    return (*_deaf(config), Meet(call.task))


def _forwarded(call: Call, config: Config) -> tuple[Instruction, ...]:
    number = call.destination.value if call.destination else ""
    return (*_deaf(config), *_say(call.say_first), Forward(number))


def _leaving_message(call: Call, config: Config) -> tuple[Instruction, ...]:
    return (*_say(call.say_first, config.voicemail.say), Record(Reply.VOICEMAIL, config.voicemail.max_seconds))


def _told(call: Call, config: Config) -> tuple[Instruction, ...]:
    return (*_say(call.say_first), HangUp())


def _on_agent_line(call: Call, config: Config) -> tuple[Instruction, ...]:
    return (_ask(call, config, _say(call.say_first, "To go on duty, press 1. To go off duty, press 2.")),)


def _ended(call: Call, config: Config) -> tuple[Instruction, ...]:
    return (HangUp(),)


_CALLER = {
    CallState.LISTENING: _listening,
    CallState.TRANSCRIBING: _transcribing,
    CallState.CONFIRMING: _confirming,
    CallState.CHOOSING: _choosing,
    CallState.WAITING: _waiting,
    CallState.CONNECTED: _connected,
    CallState.FORWARDED: _forwarded,
    CallState.LEAVING_MESSAGE: _leaving_message,
    CallState.TOLD: _told,
    CallState.ON_AGENT_LINE: _on_agent_line,
    CallState.ENDED: _ended,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A caller's place in line: from 1, how many agents are on duty for it, and seconds waited."""

    position: int
    agents: int
    waited: int


def hold(queue: Queue, place: Place, config: Config) -> Script:
    """What a waiting caller hears: their true place, an honest word on the wait, an announcement, and music."""
    prompts: list[Prompt] = [Say(_place_words(place))]
    if queue.announcements:
        told = place.waited // max(1, queue.announce_every)
        prompts.append(Say(queue.announcements[told % len(queue.announcements)]))
    prompts.append(Play(audio_name(queue.music)) if queue.music else Pause(15))
    return Script((Ask(tuple(prompts), Reply.HOLD, keys=1, seconds=1, runs_on=True),), 0, config.language, config.voice)


def audio_name(music: str) -> str:
    """The name under which hold music is served: an address stays what it is, a file goes by its last part."""
    return music if music.startswith(("https://", "http://")) else music.rsplit("/", 1)[-1]


def _place_words(place: Place) -> str:
    where = "You are next in line." if place.position <= 1 else f"You are number {place.position} in line."
    return where if place.agents else f"{where} Nobody is free to take calls right now; we keep your place."


def offer(task: Task, call: Call, config: Config, *, again: bool = False) -> Script:
    """What the agent hears when they pick up: who calls and why and how they sounded, then the keys."""
    keys = config.offers
    ask = f"Press {keys.accept_key} to take the call, {keys.decline_key} to pass."
    words = ask if again else f"{whisper(task, call, config)} {ask}"
    asked = Ask((Say(words),), Reply.OFFER, keys=1, seconds=keys.answer_keys)
    return Script((asked, HangUp()), 0, config.language, config.voice)


def whisper(task: Task, call: Call, config: Config) -> str:
    """Who, why and how they sounded, in one breath."""
    route = config.routes.get(call.route)
    what = route.title if route else task.queue.removeprefix("@")
    who = "a priority caller" if call.vip else "a caller"
    recent = sum(1 for instant in call.earlier if instant >= call.started - WEEK_MS)
    often = f" Call {recent + 1} this week." if recent else ""
    mood = "" if call.mood.value == "neutral" else f" Sounds {call.mood.value}."
    return f"{config.business}: {who} for {what}.{mood}{often}"


def farewell(text: str, config: Config | None = None) -> Script:
    """Says one thing and hangs up."""
    language, voice = (config.language, config.voice) if config else ("", "")
    return Script((Say(text), HangUp()), 0, language, voice)


def agent_line(worker: Worker) -> str:
    """Tells an agent who calls in whether they are on duty."""
    return "You are on duty." if worker.available else "You are off duty."


def safe() -> Script:
    """What a caller hears when we cannot even read our own state: never an error, and the line stays open."""
    return Script((Say("One moment, please."), Pause(3), Again()))


def _say(*texts: str) -> tuple[Prompt, ...]:
    joined = " ".join(text for text in texts if text)
    return (Say(joined),) if joined else ()
