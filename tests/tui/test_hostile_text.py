from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.tui.app import Dashboard


HOSTILE = [
    "\x1b[2J\x1b[H\x1b]0;title\x07",
    "[bold red]marked[/bold red] [@click=app.quit]x[/]",
    "\u202eright to left\u2066",
    "x" * 1_000_000,
    "a\nb\rc\td\x00",
    "\u0301\u0301\u0301",
    "日本語" * 50,
    "👩‍👩‍👧‍👦🇩🇪👍🏽❤️",
    "\U000e0041\u200b\ufeff",
]


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (40, 12), (30, 8)])
async def test_hostile_text_changes_nothing_outside_its_own_cells(
    make_source, make_frame, rows_of, settled, subtests, size
):
    def screen_of(value):
        data = {"agentId": value, "grantId": value, "principalId": value}
        event = {"id": "e", "type": "grant.created", "createdAt": "", "data": data}
        shown = make_frame([json.dumps(event, ensure_ascii=True).encode()])
        row = replace(shown.tally.recent[0], agent_id=value, grant_id=value, principal_id=value)
        agent = replace(shown.tally.agents[0], agent_id=value)
        return replace(shown, tally=replace(shown.tally, recent=(row,), agents=(agent,)))

    async def rows_with(value):
        app = Dashboard(make_source(screen_of(value)))
        async with app.run_test(size=size) as pilot:
            return await settled(app, pilot), rows_of(app)

    harmless, plain = await rows_with("harmless")
    foreign = {y for y, line in enumerate(plain) if "harmless" in line or "grant.created" in line}
    foreign |= {y for y, line in enumerate(plain) if "1      1      0" in line}
    for text in HOSTILE:
        with subtests.test(text=text[:50]):
            attacked, shown = await rows_with(text)
            for y in range(size[1]):
                assert not any(c in shown[y] for c in "\x1b\u202e\u2066\n\r\x00\u200b\ufeff")
                if y not in foreign:
                    assert attacked[y] == harmless[y]


async def test_a_server_that_sends_markup_in_its_errors_is_quoted_not_obeyed(
    make_source, frame, rows_of
):
    nasty = "[red]\x1b[31m[@click=app.quit]no[/]"
    frame = replace(
        frame,
        connection=ConnectionView(ConnectionState.WAITING, frame.now, nasty, 0, frame.now + 2),
        delivery=replace(frame.delivery, state=DeliveryState.RETRYING, detail=nasty),
        warnings=(nasty,),
        source=nasty,
    )
    app = Dashboard(make_source(frame))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        text = "\n".join(rows_of(app))
        assert text.count("[red]␛[31m[@click=app.quit]no[/]") >= 3
