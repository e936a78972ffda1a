"""Expectations against what anybody would write who doesn't mind how long it takes."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.definitions import read_monitors
from grantex_tui.monitoring.evaluate.states import State, Transition, TransitionKind
from grantex_tui.rehearsal.engine.model import INSTANT, Incident, Pass, Span
from grantex_tui.rehearsal.expect.about import About, Meant
from grantex_tui.rehearsal.expect.changes import Change
from grantex_tui.rehearsal.expect.kinds.counts import COUNTED
from grantex_tui.rehearsal.expect.kinds.never import NeverClaim
from grantex_tui.rehearsal.expect.kinds.state import StateClaim
from grantex_tui.rehearsal.expect.kinds.time_to_detect import DetectTimeClaim
from grantex_tui.rehearsal.expect.kinds.transitions import TransitionsClaim
from grantex_tui.rehearsal.measure.stays import (
    FLAP_EVALUATIONS,
    false_alerts,
    grace_of,
    times_to_detect,
)
from grantex_tui.words.durations import Moment, Range


MONITORS = read_monitors()[0][:2]  # a simple alert, and one by grant
START, END = 1000.0, 1000.0 + 40 * 60
FACET = MONITORS[1].group_by[0]
GROUPS = [(0, ()), (1, ((FACET, "a"),)), (1, ((FACET, "b"),))]
MINUTES = st.integers(1, 39)
STATES = st.sampled_from([State.OK, State.WARN, State.ALERT])


@st.composite
def passes(draw) -> Pass:
    """States of three groups, changing at whole minutes."""
    transitions: list[Transition] = []
    spans = []
    for index, group in GROUPS:
        moments = sorted(draw(st.sets(MINUTES, max_size=6)))
        state, since = State.OK, START + 60 * draw(st.integers(0, 1))
        for minute in moments:
            at = START + 60.0 * minute
            following = draw(STATES)
            if following is state or at <= since:
                continue
            spans.append(Span(index, group, state, since, at))
            transitions.append(
                Transition(
                    MONITORS[index].name, group, at, state, following,
                    TransitionKind.TRIGGERED, float(minute), 1.0, index=index,
                )
            )  # fmt: skip
            state, since = following, at
        spans.append(Span(index, group, state, since, END))
    incidents = [
        Incident(f"i{number}", START + 60 * begin, START + 60 * (begin + length))
        for number, (begin, length) in enumerate(
            draw(st.lists(st.tuples(MINUTES, st.integers(0, 5)), max_size=3))
        )
    ]
    return Pass(
        MONITORS, "twin", START, END, 0, INSTANT, 0, 40,
        tuple(sorted(transitions, key=lambda t: (t.at, t.index, t.group))),
        tuple(spans), incidents=tuple(incidents),
    )  # fmt: skip


@st.composite
def changes(draw) -> Change:
    at = draw(st.none() | MINUTES)
    return Change(
        to=draw(STATES),
        source=draw(st.none() | STATES),
        at=None if at is None else Moment(60.0 * at, relative=True),
        within=60.0 * draw(st.integers(0, 20)),
        after=draw(st.none() | MINUTES.map(lambda m: Moment(60.0 * m, relative=True))),
        value=draw(st.none() | MINUTES.map(Range)),
    )


def fits(change: Change, found: Transition) -> bool:
    at = found.at - START
    return (
        found.destination is change.to
        and (change.source is None or found.source is change.source)
        and (change.at is None or abs(at - change.at.seconds) <= change.within)
        and (change.after is None or at >= change.after.seconds)
        and (change.value is None or (found.value or 0.0) >= change.value.least)
    )


@given(passes(), st.lists(changes(), min_size=1, max_size=4), st.sampled_from([0, 1]))
def test_some_transitions_are_a_selection_in_order(rehearsed, expected, index):
    own = [t for t in rehearsed.transitions if t.index == index]
    found = any(
        all(map(fits, expected, selection)) for selection in combinations(own, len(expected))
    )
    claim = TransitionsClaim(Meant(index, "m"), tuple(expected), whole=False)
    assert (claim.failure(rehearsed) is None) == found


@given(passes(), st.lists(changes(), min_size=1, max_size=4), st.sampled_from([0, 1]))
def test_all_transitions_are_one_for_one(rehearsed, expected, index):
    own = [t for t in rehearsed.transitions if t.index == index]
    same = len(own) == len(expected) and all(map(fits, expected, own))
    claim = TransitionsClaim(Meant(index, "m"), tuple(expected), whole=True)
    assert (claim.failure(rehearsed) is None) == same


@given(passes())
def test_what_happened_meets_itself(rehearsed):
    for index, group in GROUPS:
        own = [t for t in rehearsed.transitions if (t.index, t.group) == (index, group)]
        expected = tuple(
            Change(t.destination, t.source, group, Moment(t.at - START, relative=True), 0.0)
            for t in own
        )
        for whole in (True, False):
            claim = TransitionsClaim(Meant(index, "m"), expected, whole)
            assert claim.failure(rehearsed) is None


@given(passes(), STATES, MINUTES, MINUTES)
def test_never_is_no_second_in_that_state(rehearsed, state, first, last):
    since, until = sorted((first, last))
    about = About((Meant(0, "m"), Meant(1, "n")))
    claim = NeverClaim(
        about, (state,), Moment(60.0 * since, relative=True), Moment(60.0 * until, relative=True)
    )
    seconds = range(60 * since, 60 * until + 1, 30)  # changes are at whole minutes
    seen = any(
        span.state is state and span.start <= START + second < span.end
        for second in seconds
        for span in rehearsed.spans
    )
    assert (claim.failure(rehearsed) is not None) == seen


@given(passes(), STATES, st.integers(2 * 60, 39 * 60), st.sampled_from(GROUPS))
def test_a_state_is_what_the_last_change_made_of_it(rehearsed, state, second, which):
    index, group = which
    at = START + second
    made = [
        t.destination for t in rehearsed.transitions if (t.index, t.group) == which and t.at <= at
    ]
    claim = StateClaim(
        About((Meant(index, "m", group),)), Moment(float(second), relative=True), state
    )
    assert (claim.failure(rehearsed) is None) == ((made or [State.OK])[-1] is state)


@given(passes())
def test_counts_are_what_a_loop_counts(rehearsed):
    about = About((Meant(0, "m"), Meant(1, "n")))
    alerts = flaps = minutes = 0
    for which in GROUPS:
        last = None
        for t in (t for t in rehearsed.transitions if (t.index, t.group) == which):
            if t.destination is State.ALERT:
                alerts += 1
                flaps += last is not None and t.at - last <= 60 * FLAP_EVALUATIONS
            if t.source is State.ALERT:
                last = t.at
    for second in range(0, 40 * 60, 60):
        for span in rehearsed.spans:
            minutes += span.state is State.ALERT and span.start <= START + second < span.end
    counted = {
        name: sum(h.amount for h in count(about, rehearsed)) for name, count in COUNTED.items()
    }
    assert (counted["alerts"], counted["flaps"]) == (alerts, flaps)
    assert counted["alert_minutes"] == minutes


@given(passes(), st.integers(0, 10))
def test_an_incident_is_detected_at_the_first_alert_that_reaches_it(rehearsed, minutes):
    alerts = [span for span in rehearsed.spans if span.state is State.ALERT]
    about_one: set[int] = set()
    for incident in rehearsed.incidents:
        instants = []
        for number, alert in enumerate(alerts):
            until = incident.end + grace_of(MONITORS[alert.monitor])
            seconds = [
                s
                for s in range(int(incident.start), int(until) + 1)
                if alert.start <= s < alert.end
            ]
            instants += seconds[:1]
            if seconds:
                about_one.add(number)
        (found,) = times_to_detect(rehearsed.spans, [incident], MONITORS)
        assert found == (min(instants) - incident.start if instants else None)
        claim = DetectTimeClaim(
            About((Meant(0, "m"), Meant(1, "n"))), incident.label, p100=60.0 * minutes
        )
        in_time = found is not None and found <= 60 * minutes
        assert (claim.failure(rehearsed) is None) == in_time
    alone = [alert for number, alert in enumerate(alerts) if number not in about_one]
    assert false_alerts(rehearsed.spans, rehearsed.incidents, MONITORS) == sorted(
        alone, key=lambda span: span.start
    )
