"""The conversation with the caller, a step at a time: from words, keys or silence to where the call is next.

What the caller hears in each state is `app.core.scripts`; a step only decides the state.
"""

from dataclasses import replace

from app.core.config import Choice, Config, Menu, Target, TargetKind
from app.core.entities import Call, CallState
from app.core.inputs import Digits, Recorded, Silence
from app.core.lifecycle import call_to
from app.core.understanding import Understanding, phrase_in, words_of

Input = Digits | Silence | Recorded | Understanding

PERSON_KEY = "0"
MAX_TURNS = 40
MAIN = ""
_STATE_OF = {
    TargetKind.QUEUE: CallState.WAITING,
    TargetKind.PERSON: CallState.WAITING,
    TargetKind.MENU: CallState.CHOOSING,
    TargetKind.MESSAGE: CallState.TOLD,
    TargetKind.NUMBER: CallState.FORWARDED,
    TargetKind.VOICEMAIL: CallState.LEAVING_MESSAGE,
    TargetKind.HANG_UP: CallState.TOLD,
}


def step(call: Call, heard: Input, config: Config) -> Call:
    """The call after one input; `destination` says where it was sent, if the step sent it anywhere.

    The returned call equals the given one when the input means nothing in its state.
    """
    handler = _STEPS.get(call.state)
    if handler and call.turn >= MAX_TURNS and call.state is not CallState.WAITING:
        after = go(call, config.fallback, "Let me help you another way.")
    else:
        after = handler(call, heard, config) if handler else call
    if after == call:
        return call
    acted = call.turn + 1 if isinstance(heard, Digits | Understanding) else after.acted
    return replace(after, turn=call.turn + 1, acted=acted)


def go(call: Call, target: Target, say_first: str = "") -> Call:
    """Sends a call to a target."""
    state = call_to(call.state, _STATE_OF[target.kind])
    menu = target.value if target.kind is TargetKind.MENU else call.menu
    words = target.value if target.kind is TargetKind.MESSAGE else say_first
    return replace(call, state=state, destination=target, say_first=words, menu=menu, keys="", attempts=0, proposed="")


def person_target(call: Call, config: Config) -> Target:
    """Where "agent" or 0 leads: the present queue's own rule, else the file's, else its first queue or fallback."""
    if call.destination and call.destination.kind is TargetKind.QUEUE:
        queue = config.queues.get(call.destination.value)
        if queue and queue.person:
            return queue.person
    if config.person is not None:
        return config.person
    first = next(iter(config.queues), None)
    return Target(TargetKind.QUEUE, first) if first else config.fallback


def _listening(call: Call, heard: Input, config: Config) -> Call:
    if isinstance(heard, Digits):
        return _keyed(call, call.keys + heard.keys, config)
    if isinstance(heard, Silence):
        if call.keys:
            return _keyed(replace(call, keys=""), call.keys, config, final=True)
        return _not_understood(call, config, "")
    if isinstance(heard, Recorded):
        return replace(call, state=CallState.TRANSCRIBING)
    return _understood(call, heard, config)


def _understood(call: Call, heard: Understanding, config: Config) -> Call:
    if heard.wants_person:
        return go(call, person_target(call, config), config.turns.connecting)
    if heard.route and heard.confidence >= config.turns.confirm_below:
        return _route(call, heard.route, config)
    if heard.route and heard.confidence >= config.turns.ignore_below and not config.routes[heard.route].hidden:
        return replace(call, state=CallState.CONFIRMING, proposed=heard.route, say_first="")
    return _not_understood(call, config, config.turns.say_again)


def _route(call: Call, name: str, config: Config) -> Call:
    route = config.routes[name]
    return go(replace(call, route=name), route.target, route.say or config.turns.connecting)


def _not_understood(call: Call, config: Config, say: str) -> Call:
    if call.attempts < config.turns.reprompts - 1:
        return replace(call, state=CallState.LISTENING, attempts=call.attempts + 1, say_first=say, proposed="")
    return replace(
        call, state=CallState.CHOOSING, menu=config.turns.menu, attempts=0, say_first=say, proposed="", keys=""
    )


def _confirming(call: Call, heard: Input, config: Config) -> Call:
    if isinstance(heard, Recorded):
        return replace(call, state=CallState.TRANSCRIBING)
    if isinstance(heard, Understanding):
        return _confirmed_by_words(call, heard, config)
    keys = heard.keys if isinstance(heard, Digits) else ""
    if keys == "1":
        return _route(call, call.proposed, config)
    return _keyed(call, keys, config) if keys not in ("", "2") else _not_understood(call, config, "")


def _confirmed_by_words(call: Call, heard: Understanding, config: Config) -> Call:
    if heard.wants_person:
        return _understood(call, heard, config)
    if heard.no and not heard.keywords:
        return _not_understood(call, config, "")
    if heard.route == call.proposed or (heard.yes and not heard.keywords):
        return _route(call, call.proposed, config)
    return _understood(call, heard, config)


def _choosing(call: Call, heard: Input, config: Config) -> Call:
    if isinstance(heard, Digits):
        return _keyed(call, call.keys + heard.keys, config)
    if isinstance(heard, Understanding):
        return _chosen_by_words(call, heard, config)
    if isinstance(heard, Silence) and call.keys:
        return _keyed(replace(call, keys=""), call.keys, config, final=True)
    return _no_choice(call, config, "")


def _chosen_by_words(call: Call, heard: Understanding, config: Config) -> Call:
    words = words_of(heard.text)
    for choice in choices_of(call, config):
        if any(phrase_in(words_of(phrase), words) for phrase in choice.words):
            return _choose(call, choice, config)
    if heard.wants_person:
        return go(call, person_target(call, config), config.turns.connecting)
    if heard.route and heard.confidence >= config.turns.confirm_below:
        return _route(call, heard.route, config)
    return _no_choice(call, config, config.turns.say_again)


def _no_choice(call: Call, config: Config, say: str) -> Call:
    if call.attempts < config.turns.reprompts - 1:
        return replace(call, attempts=call.attempts + 1, say_first=say, keys="")
    return go(call, person_target(call, config), config.turns.connecting)


def _keyed(call: Call, keys: str, config: Config, *, final: bool = False) -> Call:
    """One or more keys: a choice, the beginning of a longer one, 0 for a person, or nothing we know."""
    choices = choices_of(call, config)
    longer = [choice for choice in choices if choice.keys.startswith(keys) and choice.keys != keys]
    exact = next((choice for choice in choices if choice.keys == keys), None)
    if longer and not final:
        return replace(call, state=_asking(call), keys=keys, say_first="")
    if exact:
        return _choose(replace(call, keys=""), exact, config)
    if keys == PERSON_KEY:
        return go(call, person_target(call, config), config.turns.connecting)
    unknown = replace(call, keys="")
    if call.state is CallState.CHOOSING:
        return _no_choice(unknown, config, "")
    return _not_understood(unknown, config, "")


def _asking(call: Call) -> CallState:
    return CallState.CHOOSING if call.state is CallState.CHOOSING else CallState.LISTENING


def _choose(call: Call, choice: Choice, config: Config) -> Call:
    route = config.routes.get(choice.route)
    return _route(call, route.name, config) if route else go(call, choice.target, config.turns.connecting)


def choices_of(call: Call, config: Config) -> tuple[Choice, ...]:
    """The keys that mean something now: those of the menu the caller is in, else those of the routes."""
    menu = config.menus.get(call.menu) if call.state is CallState.CHOOSING else None
    return menu.choices if menu else keypad(config).choices


def keypad(config: Config) -> Menu:
    """The keypad menu that the routes' own keys make, read out when words fail."""
    choices = tuple(
        Choice(keys=route.key, target=route.target, hidden=route.hidden, route=route.name)
        for route in config.routes.values()
        if route.key
    )
    told = [f"For {config.routes[choice.route].title}, press {choice.keys}." for choice in choices if not choice.hidden]
    return Menu(name=MAIN, say=" ".join([*told, "For a person, press 0."]), choices=choices)


def _waiting(call: Call, heard: Input, config: Config) -> Call:
    wants_person = isinstance(heard, Understanding) and heard.wants_person
    if not wants_person and not (isinstance(heard, Digits) and heard.keys == PERSON_KEY):
        return call
    target = person_target(call, config)
    if call.destination == target:
        return call
    if target.kind not in (TargetKind.QUEUE, TargetKind.PERSON):
        return go(call, target, config.turns.connecting)
    return replace(call, destination=target, say_first=config.turns.person)


def _transcribing(call: Call, heard: Input, config: Config) -> Call:
    if isinstance(heard, Understanding):
        asked = CallState.CONFIRMING if call.proposed else CallState.LISTENING
        return _STEPS[asked](replace(call, state=asked), heard, config)
    if isinstance(heard, Silence):
        return _not_understood(replace(call, state=CallState.LISTENING), config, config.turns.say_again)
    return call


_STEPS = {
    CallState.LISTENING: _listening,
    CallState.TRANSCRIBING: _transcribing,
    CallState.CONFIRMING: _confirming,
    CallState.CHOOSING: _choosing,
    CallState.WAITING: _waiting,
}
