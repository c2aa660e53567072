"""What every store has to do with events, personal records, claims, notes and counters."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Flag

import pytest

from app.core.change import Change, Personal
from app.core.events import Event, EventType
from app.ports.store import Delivered, Store
from tests.builders import NOON, an_event
from tests.store.adapters import Adapter, events, told

# --- groups of followers ---------------------------------------------------------------------------------------


def test_an_event_arrives_as_it_was_told(store: Store) -> None:
    event = Event(
        type=EventType.INTENT_RING,
        at=NOON,
        call="CA1",
        task="WT1",
        worker="WK1",
        reservation="WR1",
        data={"to": ["a", "b"], "n": 1, "yes": True, "none": None, "f": 0.25},
    )
    store.commit(Change(events=(event,)))
    assert [one.event for one in store.follow("operator", "one")] == [event]


def test_every_group_gets_every_event_once_from_the_streams_start(store: Store) -> None:
    store.commit(events(1, 2))
    store.commit(events(3))
    assert told(store.follow("history", "one", count=2)) == [1, 2]
    assert told(store.follow("history", "two")) == [3]
    assert store.follow("history", "one") == ()
    assert told(store.follow("feed", "one")) == [1, 2, 3]


def test_a_group_that_came_before_the_first_event_misses_nothing(store: Store) -> None:
    assert store.follow("history", "one") == ()
    store.commit(events(1))
    assert told(store.follow("history", "one")) == [1]


def test_a_follower_waits_until_something_is_told(store: Store) -> None:
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(store.follow, "feed", "one", block_ms=20_000)
        store.commit(events(1))
        assert told(waiting.result(10)) == [1]


def test_a_follower_that_waited_in_vain_gets_nothing(store: Store) -> None:
    assert store.follow("feed", "one", block_ms=20) == ()
    assert store.since("0", block_ms=20) == ()


def test_what_was_not_acknowledged_is_reclaimed_by_another(store: Store) -> None:
    store.commit(events(1, 2, 3))
    delivered = store.follow("operator", "crashed")
    store.acknowledge("operator", [delivered[1].id])
    assert store.reclaim("operator", "heir", idle_ms=60_000) == ()
    assert told(store.reclaim("operator", "heir", idle_ms=0, count=1)) == [1]
    assert told(store.reclaim("operator", "heir", idle_ms=0)) == [1, 3]
    store.acknowledge("operator", [one.id for one in delivered])
    assert store.reclaim("operator", "heir", idle_ms=0) == ()


def test_acknowledging_twice_or_in_vain_changes_nothing(store: Store) -> None:
    store.commit(events(1))
    (one,) = store.follow("operator", "one")
    store.acknowledge("operator", [])
    store.acknowledge("nobody", [one.id])
    store.acknowledge("operator", [one.id, one.id])
    store.acknowledge("operator", [one.id])
    assert store.reclaim("operator", "two", idle_ms=0) == ()


def test_a_group_that_never_followed_has_nothing_to_reclaim_and_misses_nothing(store: Store) -> None:
    store.commit(events(1))
    assert store.reclaim("operator", "one", idle_ms=0) == ()
    assert told(store.follow("operator", "one")) == [1]


# --- readers without a group -----------------------------------------------------------------------------------


def test_events_after_an_id_are_read_without_a_group_as_often_as_wanted(store: Store) -> None:
    store.commit(events(1, 2, 3))
    first = store.since("0", count=1)
    assert told(first) == [1]
    assert told(store.since(first[0].id)) == [2, 3]
    assert told(store.since(first[0].id)) == [2, 3]
    assert store.since("$") == ()
    assert store.since("99999999999999-0") == ()


def test_a_reader_of_new_events_waits_for_the_next_one(store: Store) -> None:
    store.commit(events(1))
    arrived = Flag()

    def read(result: Future[tuple[Delivered, ...]]) -> None:
        arrived.set()
        assert result.exception() is None

    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(store.since, "$", block_ms=20_000)
        reading.add_done_callback(read)
        at = 1
        while not arrived.wait(0.01):
            at += 1
            store.commit(events(at))
        assert told(reading.result(0))[0] > 1


@pytest.mark.parametrize("text", ["", "x", "1-x", "-1", "1-2-3", "1 ", "١", "9" * 25, "$$"])
def test_what_is_no_id_is_refused(store: Store, text: str) -> None:
    with pytest.raises(ValueError, match="not the id of an event"):
        store.since(text)


# --- trimming --------------------------------------------------------------------------------------------------


def acknowledge_all(store: Store, group: str) -> None:
    """The group does with everything there is."""
    store.acknowledge(group, [one.id for one in store.follow(group, "one", count=10_000)])


def kept(store: Store) -> list[int]:
    """The events that are still there."""
    return told(store.since("0", count=10_000))


def test_only_the_latest_thousand_are_kept_once_every_group_is_done(store: Store) -> None:
    store.commit(events(*range(1_100)))
    acknowledge_all(store, "history")
    acknowledge_all(store, "feed")
    assert store.trim() == 100
    assert kept(store) == list(range(100, 1_100))
    assert store.trim() == 0


def test_what_one_group_has_not_acknowledged_is_kept_with_all_after_it(store: Store) -> None:
    store.commit(events(*range(1_100)))
    acknowledge_all(store, "history")
    delivered = store.follow("feed", "one", count=10_000)
    store.acknowledge("feed", [one.id for one in delivered if one.event.at != 30])
    assert store.trim() == 30
    assert kept(store)[0] == 30
    assert told(store.reclaim("feed", "two", idle_ms=0)) == [30]


def test_what_one_group_has_not_yet_read_is_kept(store: Store) -> None:
    store.commit(events(*range(1_100)))
    acknowledge_all(store, "history")
    store.acknowledge("feed", [one.id for one in store.follow("feed", "one", count=40)])
    assert store.trim() == 40
    assert told(store.follow("feed", "one", count=1)) == [40]


def test_nothing_is_trimmed_before_anybody_follows_nor_from_a_short_stream(store: Store) -> None:
    assert store.trim() == 0
    store.commit(events(1))
    assert store.trim() == 0
    store.commit(events(*range(1_100)))
    assert store.trim() == 0
    assert len(kept(store)) == 1_101


# --- personal records ------------------------------------------------------------------------------------------


def test_a_personal_record_is_kept_apart_and_can_be_erased(store: Store) -> None:
    said = Change(
        events=(an_event(),),
        personal=(Personal("CA1", "said", "rum"), Personal("CA1", "from", "+1"), Personal("CA2", "said", "x")),
    )
    store.commit(said)
    store.commit(Change(personal=(Personal("CA1", "said", "rum and raisin"),)))
    assert store.personal("CA1") == {"said": "rum and raisin", "from": "+1"}
    store.erase("CA1")
    store.erase("CA1")
    assert store.personal("CA1") == {}
    assert store.personal("CA2") == {"said": "x"}
    assert len(store.since("0")) == 1


# --- claims, notes, counters -----------------------------------------------------------------------------------


def test_a_claim_is_won_once_within_its_life(stores: Adapter) -> None:
    store = stores.open("unicone")
    assert store.claim("CA1:turn:1", 60)
    assert not store.claim("CA1:turn:1", 60)
    assert store.claim("CA1:turn:2", 60)
    stores.let_pass(59)
    assert not store.claim("CA1:turn:1", 60)
    stores.let_pass(1.5)
    assert store.claim("CA1:turn:1", 60)


def test_one_of_many_wins_a_claim(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(lambda _: store.claim("turn", 60), range(16)))
    assert won.count(True) == 1


def test_a_note_is_remembered_for_its_life_or_for_good(stores: Adapter) -> None:
    store = stores.open("unicone")
    assert store.noted("config") is None
    store.note("config", "naïve\n🍦")
    store.note("token", "x", 30)
    store.note("token", "", 60)
    assert (store.noted("config"), store.noted("token")) == ("naïve\n🍦", "")
    stores.let_pass(61)
    assert (store.noted("config"), store.noted("token")) == ("naïve\n🍦", None)
    store.note("token", "for good now")
    stores.let_pass(9_999)
    assert store.noted("token") == "for good now"


def test_a_count_starts_anew_when_the_window_of_its_first_has_passed(stores: Adapter) -> None:
    store = stores.open("unicone")
    assert [store.count("calls", 60), store.count("calls", 60), store.count("other", 60)] == [1, 2, 1]
    stores.let_pass(59)
    assert store.count("calls", 60) == 3
    stores.let_pass(1.5)
    assert store.count("calls", 60) == 1


def test_claims_notes_and_counts_of_one_name_are_different_things(store: Store) -> None:
    assert store.claim("CA1", 60)
    assert store.noted("CA1") is None
    store.note("CA1", "x")
    assert store.count("CA1", 60) == 1
    assert not store.claim("CA1", 60)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_life_has_to_be_longer_than_nothing(store: Store, seconds: int) -> None:
    with pytest.raises(ValueError, match="seconds"):
        store.claim("turn", seconds)
    with pytest.raises(ValueError, match="seconds"):
        store.count("calls", seconds)
    with pytest.raises(ValueError, match="seconds"):
        store.note("x", "y", -1)


def test_a_store_that_works_answers(store: Store) -> None:
    store.ping()
