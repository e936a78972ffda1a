"""Why, in a key or two: the cause and the remedy of whatever is wrong, a monitor's page, an event's."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from unicodedata import category

import pytest

from grantex_tui.cli.main import main
from grantex_tui.clock import rfc3339
from grantex_tui.settings import Settings
from grantex_tui.tui.app import Dashboard
from grantex_tui.tui.drawing.plot import plot, state_strip
from grantex_tui.tui.explaining import Explainer
from grantex_tui.tui.pages.all import of_place, of_troubles
from grantex_tui.tui.pages.content import Beside
from grantex_tui.tui.pages.delivery import disk_words
from grantex_tui.tui.related import related
from grantex_tui.tui.screens.sheet import Sheet, SheetBody
from grantex_tui.watch.frame import EventRow, MonitorView
from grantex_tui.watch.troubles.found import found
from tests.tui import states


CASES = tuple(states.cases())


def squeezed(rows):
    """What a page says, without its frame and its line ends."""
    inner = [row.partition("│ ")[2].rpartition(" │")[0].strip() for row in rows if "│ " in row]
    return " ".join(" ".join(inner).split())


async def test_every_state_has_its_cause_and_remedy_one_key_away(make_source, rows_of):
    source = make_source(states.CALM)
    app = Dashboard(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for case in CASES:
            source.shown = case.frame
            await pilot.press("exclamation_mark")
            await pilot.pause()
            trouble, text = found(case.frame)[0], squeezed(rows_of(app))
            assert " ".join(trouble.what.split()) in text, case.number
            assert trouble.remedy in text, case.number
            await pilot.press("escape")
            assert not isinstance(app.screen, Sheet)


async def test_of_nine_alerting_monitors_each_page_is_a_key_further(make_source, rows_of):
    monitors = tuple(
        MonitorView(f"monitor {i}", "Alert", states.NOW - 9, 57.0, 50.0, None, ">")
        for i in range(9)
    )
    source = make_source(replace(states.CALM, monitors=monitors))
    asked = []

    async def explain(name, journal, at):
        asked.append((name, journal, at))
        return f"{name} counted 57 events"

    app = Dashboard(source, explain=explain)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("exclamation_mark")
        for number in range(9):
            await pilot.pause()
            app.screen.query_one(SheetBody).update()
            await pilot.pause()
            text = squeezed(rows_of(app))
            assert f"monitor {number}: Alert, 57 > 50" in text
            assert f"monitor {number} counted 57 events" in text
            await pilot.press("exclamation_mark")
    assert [name for name, _, _ in asked] == [f"monitor {i}" for i in range(9)]


async def test_r_on_a_page_tries_to_deliver_now_and_enter_opens_a_places_page(make_source, rows_of):
    source = make_source(CASES[0].frame)
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("exclamation_mark", "R", "escape")
        assert source.retries == 1
        await pilot.press("5", "enter")
        await pilot.pause()
        assert "connection refused" in squeezed(rows_of(app))
        source.shown = states.CALM
        await pilot.press("escape", "exclamation_mark")
        assert not isinstance(app.screen, Sheet)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_pages_keep_to_their_cells(looks, case):
    pages = [
        *of_troubles(case.frame),
        *of_place("monitors", case.frame),
        *of_place("delivery", case.frame),
    ]
    for look in looks:
        for width in (1, 7, 33, 76, 140):
            for page in pages:
                for strip in page.rows(case.frame, look, width, Beside({0: "a\x1b[2J\nb"})):
                    assert strip.cell_length == width
                    assert not {category(c) for c in strip.text} & {"Cc", "Cs"}


def test_how_long_the_disk_lasts_is_what_is_free_by_what_comes_in(frame):
    each = sum(len(row.raw) for row in frame.tally.recent) / len(frame.tally.recent)
    frame = replace(frame, journal="/j", tally=replace(frame.tally, rate=10.0))
    words = disk_words(frame, Beside(disk_free=lambda _: round(each * 10 * 7200)))
    assert words.startswith("about 2 h ")
    assert disk_words(replace(frame, journal=""), Beside()) == ""


def test_a_plot_has_a_line_at_each_threshold_and_a_letter_a_state(look):
    palette = look.palette
    drawn = plot([0.0, 50.0, None, 100.0], [(50.0, palette.bad)], look, 12, 4)
    texts = [strip.text for strip in drawn]
    assert {strip.cell_length for strip in drawn} == {12}
    assert [text for text in texts if text.startswith("   50")]
    assert texts[0].endswith("█ ") or texts[0].rstrip().endswith("█")
    strip = state_strip(["OK", "Alert", "Warn", "No Data"], look, 12).text
    assert strip.split() == ["state", "·AW?"]


def row(sequence, kind, grant="", agent="", parent=""):
    data = {"grantId": grant, **({"parentGrantId": parent} if parent else {})}
    raw = json.dumps({"type": kind, "data": data}).encode()
    return EventRow(sequence, states.NOW, kind, grant, agent, "", raw)


def test_an_event_knows_its_grants_life_its_agent_and_who_delegated_to_whom():
    recent = (
        row(1, "grant.created", "g1", "a1"),
        row(2, "grant.created", "g2", "a2", parent="g1"),
        row(3, "grant.created", "g3", "a3", parent="g2"),
        row(4, "token.issued", "g2", "a2"),
        row(5, "grant.revoked", "g3"),
    )
    text = "\n".join(related(recent[3], recent))
    assert "Grant g2: 2 events in memory" in text
    assert "Agent a2: 2 events in memory" in text
    tree = text[text.index("Delegation") :].splitlines()[1:4]
    assert [line.split() for line in tree] == [
        ["g1", "a1"],
        [">", "g2", "a2"],
        ["g3", "a3,", "revoked"],
    ]
    assert "none known" in "\n".join(related(row(9, "grant.created", "g9"), ()))


def test_grants_that_claim_to_descend_from_each_other_come_to_an_end():
    recent = tuple(row(i, "grant.created", f"g{i}", parent=f"g{1 - i}") for i in range(2))
    assert len(related(recent[0], recent)) < 100


async def test_n_and_p_go_to_the_next_event_and_the_one_before(make_source, frame, rows_of):
    app = Dashboard(make_source(frame))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "p", "p", "n")
        await pilot.pause()
        event = json.loads(frame.tally.recent[-2].raw)
        assert f'"id": "{event["id"]}"' in "\n".join(rows_of(app))
        await pilot.press("n", "n", "n")
        await pilot.pause()
        event = json.loads(frame.tally.recent[-1].raw)
        assert f'"id": "{event["id"]}"' in "\n".join(rows_of(app))


@pytest.mark.slow
def test_a_pages_explanation_is_what_rehearse_explain_prints(tmp_path, capsys, monkeypatch):
    start = 1_780_000_020.0
    events = [
        {"receivedAt": rfc3339(start + at), "event": {
            "id": f"evt_{at}", "type": "grant.revoked", "createdAt": rfc3339(start + at),
            "data": {"grantId": f"grnt_{at}", "cascade": False}}}
        for at in range(1500)
    ]  # fmt: skip
    recording = tmp_path / "journal.ndjson"
    recording.write_text("\n".join(map(json.dumps, events)))
    explainer = Explainer(Settings(), dict(os.environ))
    name, at = "Grantex: many grants revoked", start + 1400.0
    told = asyncio.run(explainer.explain(name, str(recording), at))
    monkeypatch.setenv("COLUMNS", "100")
    assert main(explainer.command(name, str(recording), at)) == 0
    assert told == capsys.readouterr().out
    assert "tipped by" in told
    assert "counted" in told
