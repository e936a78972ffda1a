"""Instants read in columns are what the standard library reads one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.recorded.instants import Instants, are_in_form


BASE = datetime(2026, 1, 5, tzinfo=UTC)
MOMENTS = st.integers(0, 400 * 86_400_000).map(lambda ms: BASE + timedelta(milliseconds=ms))


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@given(st.lists(MOMENTS))
def test_a_column_is_read_as_each_of_its_instants(moments: list[datetime]) -> None:
    texts = [written(moment) for moment in moments]
    assert Instants().read(texts) == [parse_rfc3339(text) for text in texts]


@given(st.lists(MOMENTS).map(sorted), st.integers(0, 90))
def test_an_ordered_column_is_read_as_each_of_its_instants(
    moments: list[datetime], times: int
) -> None:
    texts = [written(moment) for moment in moments for _ in range(times % 7 + 1)]
    instants = Instants()
    assert instants.read(texts) == [parse_rfc3339(text) for text in texts]
    assert instants.read(texts[::-1]) == [parse_rfc3339(text) for text in texts[::-1]]


def test_every_thousandth_of_a_minute_is_the_float_that_it_is_alone() -> None:
    texts = [written(BASE + timedelta(days=900, milliseconds=ms)) for ms in range(60_000)]
    assert Instants().read(texts) == [parse_rfc3339(text) for text in texts]


@pytest.mark.parametrize(
    "odd",
    [
        "", "2026-01-05T09:00:07Z", "2026-01-05T09:00:07.25Z", "2026-01-05T09:00:07.250+00:00",
        "2026-01-05 09:00:07.250Z", "2026-01-05T09:00:07.250z", "2026-01-05T09:00:60.000Z",
        "2026-01-05T09:60:00.000Z", "2026-01-05T24:00:00.000Z", "2026-02-30T09:00:07.250Z",
        "2026-01-05T09:00:07.250Z\n", "\n2026-01-05T09:00:07.250Z", "２026-01-05T09:00:07.250Z",
        "2026-01-05T09:00:07.250Z\n2026-01-05T09:00:07.250Z",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_odd_text_makes_the_column_odd(odd: str, place: int) -> None:
    texts = [written(BASE)] * 2
    texts.insert(place, odd)
    with pytest.raises(ValueError, match=r".+"):
        Instants().read(texts)


def test_texts_that_only_together_look_like_instants_do_not() -> None:
    one = written(BASE)
    for texts in ([f"{one}\n{one}", ""], ["", f"{one}\n{one}"], [one[:10], one[10:]]):
        assert not are_in_form(texts)


def test_a_column_without_instants_is_in_form() -> None:
    assert are_in_form([])
    assert Instants().read([]) == []


def test_many_different_minutes_are_read_without_being_kept() -> None:
    instants = Instants()
    texts = [written(BASE + timedelta(minutes=7 * n)) for n in range(10_000)]
    assert instants.read(texts)[::999] == [parse_rfc3339(text) for text in texts[::999]]
