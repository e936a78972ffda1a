from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.rehearsal.engine.model import GUIDE, Incident
from grantex_tui.report.forms.html import render
from grantex_tui.report.markup import element, lines, text


VOID = {"meta"}


class Page(HTMLParser):
    """What a browser makes of a page: elements, attributes, and the text in each."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open[-1], data))

    def all(self, name: str, /, **having: str) -> list[dict[str, str]]:
        return [
            found
            for tag, found in self.elements
            if tag == name and all(found.get(key) == value for key, value in having.items())
        ]

    def said(self, name: str) -> list[str]:
        return [data for tag, data in self.texts if tag == name]


def test_the_page_needs_nobody_and_runs_nothing(failing, nasty):
    source = render([failing, nasty])
    page = Page(source)
    assert page.all("meta", content="default-src 'none'; style-src 'unsafe-inline'")
    assert page.all("meta", name="viewport")
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for _, attributes in page.elements:
        assert not any(key.startswith("on") or key == "src" for key in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in source
    assert "@import" not in source


def test_it_follows_light_and_dark_and_the_width_of_the_screen():
    source = render([])
    assert "@media (prefers-color-scheme: dark)" in source
    assert "@media (min-width: 800px)" in source
    assert '<meta name="color-scheme" content="light dark">' in source


def test_what_failed_comes_first_and_is_linked_to(passing, failing, broken):
    page = Page(render([passing, failing, broken]))
    assert page.said("h2") == ["pages once", "has no events", "all is well"]
    assert [each["class"] for each in page.all("section")] == ["failed", "failed", "passed"]
    links = [each["href"] for each in page.all("a")]
    assert links == [f"#{each['id']}" for each in page.all("section")]
    assert page.said("title")[0] == (
        "Rehearsals: 3 rehearsals, 4 expectations: 1 failed, 1 could not be run in 0.8 s"
    )
    assert "none.ndjson: no such file\n  Check the path." in page.said("pre")
    assert "1 alert:\n  +22m (2026-01-05T09:22:00Z) agent:a1" in page.said("pre")


def test_states_incidents_and_gaps_are_drawn_where_they_were(observed):
    page = Page(render([observed]))
    (alert,) = page.all("rect", **{"class": "s-alert", "x": "366.667"})
    assert float(alert["width"]) == 66.6667  # four minutes of sixty
    incidents = page.all("rect", **{"class": "s-incident", "height": "20", "x": "316.667"})
    assert len(incidents) == 3  # its own strip, and behind each of two monitors
    assert page.all("rect", **{"class": "s-gap", "x": "500"})
    titles = page.said("title")
    assert "alert: 09:22, 4m" in titles
    assert "jam: 09:19, 6m" in titles
    assert "gap (reconnecting): 09:30, 1m" in titles


def test_each_state_has_a_shape_of_its_own(observed):
    page = Page(render([observed]))
    heights = {each["class"]: each["height"] for each in page.all("rect")}
    assert len({heights[name] for name in ("s-ok", "s-warn", "s-alert", "s-none")}) == 4


def test_an_alert_of_some_phases_only_is_drawn_hollow(observed, make_pass, make_monitor):
    one = make_monitor("m")
    passes = (
        make_pass((one, {(): "..A......"}), phase=0),
        make_pass((one, {(): "........."}), phase=30),
    )
    page = Page(render([replace(observed, passes=passes)]))
    assert page.all("rect", **{"class": "s-some"})[0]["x"] == "222.222"


def test_the_same_alert_at_several_phases_is_one_bar(observed, make_pass, make_monitor):
    passes = tuple(
        make_pass((make_monitor("m"), {(): "..AA......"}), phase=phase)
        for phase in range(0, 60, 10)
    )
    page = Page(render([replace(observed, passes=passes)]))
    (alert,) = page.all("rect", **{"class": "s-alert", "x": "200"})
    assert alert["width"] == "283.333"  # from the earliest to the latest
    assert "alert: 09:02, 2m50s" in page.said("title")


def test_a_row_of_very_many_stretches_is_drawn_coarsely_and_loses_no_alert(
    observed, make_pass, make_monitor
):
    letters = ".w" * 5000 + "A" + ".w" * 5000
    page = Page(
        render([replace(observed, passes=(make_pass((make_monitor("m"), {(): letters})),))])
    )
    assert len(page.all("rect")) < 1000
    assert page.all("rect", **{"class": "s-alert", "height": "16"})


def test_tables_have_the_numbers(observed):
    page = Page(render([observed]))
    cells = page.said("td")
    assert cells[: cells.index("beat")] == [
        "denials", "1", "24", "4m", "6.67%", "2", "-", "-", "-", "100%", "1/2", "3m", "3m", "1m",
        "1m", "41 (31 beyond)", "> 10",
    ]  # fmt: skip
    assert "missed" in cells


def test_messages_and_approximations_can_be_unfolded(observed):
    page = Page(render([observed]))
    assert page.said("summary") == ["Messages: 4", "Gaps, unreadable lines, approximations"]
    assert page.said("b") == [
        "[Warn] denials", "[Triggered] denials", "[Warn] denials", "[Recovered] denials",
    ]  # fmt: skip
    assert (
        "approximate: phase: evaluations lie 0 s past the full minute; Datadog's own is unknown"
        in page.said("li")
    )


def test_a_pass_that_took_no_time_can_be_drawn(observed, make_pass, make_monitor, nine):
    rehearsed = make_pass(
        (make_monitor("m"), {(): "A"}), end=nine, incidents=(Incident("x", nine, nine + 9),)
    )
    assert Page(render([replace(observed, passes=(rehearsed,))])).all("svg")


def test_hostile_text_stays_text(nasty, hostile):
    source = render([nasty, replace(nasty, passes=(), verdicts=(), error=hostile)])
    page = Page(source)
    assert not page.all("b", **{"class": "evil"})
    known = {"class", "id", "href", "style", "viewbox", "preserveaspectratio", "role", "x", "y",
             "width", "height", "aria-label", "aria-hidden", "scope", "tabindex", "lang", "charset",
             "name", "content", "http-equiv"}  # fmt: skip
    assert {key for _, attributes in page.elements for key in attributes} <= known
    for forbidden in ("\x1b", "\u202e", "\x00", "</script>", "<b>&"):
        assert forbidden not in source
    assert text("x") in source
    assert source.encode()
    assert any("</script>" in data for _, data in page.texts)


@settings(max_examples=60)
@given(said=st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'-!/"))))
def test_any_text_is_the_same_text_in_the_page(said):
    page = Page(element("p", text(said), title=said) + element("pre", lines(said)))
    shown = page.all("p")[0]["title"]
    assert "".join(data for tag, data in page.texts if tag == "p") == (
        shown if shown.strip() else ""
    )
    assert len(page.elements) == 2
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", shown
    )


def test_an_explanation_is_shown(failing):
    told = replace(failing.verdicts[1], explanation="value  13 of 10")
    assert "value  13 of 10" in render([replace(failing, verdicts=(told,))])


def test_what_was_only_watched_looks_neither_good_nor_bad_unless_a_monitor_cries_wolf(
    observed, passing, failing, make_pass, make_monitor
):
    beat = make_monitor("heartbeat", comparator="<", critical=1)
    night = make_pass((beat, {(): "..AAA...AAA...AAA"}), delivery=GUIDE, value=0.0)
    looks = {
        "observed": observed,
        "passed": passing,
        "failed": failing,
    }
    for look, outcome in looks.items():
        assert f'class="{look}"' in render([outcome])
    assert 'class="failed"' in render([replace(observed, passes=(night,))])
