"""The page as HTML: pure, and everything that came from outside is escaped."""

from __future__ import annotations

import contextlib
import json
from html import escape
from typing import TYPE_CHECKING, Final

from grantex_sim.account.verdicts import EventVerdict
from grantex_sim.page.view import SHOWN
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_sim.account.report import Report
    from grantex_sim.page.recent import Received
    from grantex_sim.page.view import EntryRow, EventRow, RefusedRow, SessionRow, Tables

_LONGEST: Final = 20_000
"""Characters of a payload that are shown."""
_COLOURS: Final = {EventVerdict.DELIVERED: "good", EventVerdict.LOST: "bad", None: "bad"}
_SESSIONS: Final = ("name", "emitted", "delivered", "not delivered", "clients")
_REFUSED: Final = ("time", "status", "entries", "why")
_EMITTED: Final = ("time", "state", "type", "id")
_ACCEPTED: Final = ("time", "request", "type", "id")


def document(title: str, body: str, *, root: str) -> str:
    """A whole page; *root* is the way from it to ``/_sim/``'s parent, for its script and style."""
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_safe(title)}</title>"
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{root}_sim/page.css">'
        f'<script src="{root}_sim/page.js" defer></script></head>\n'
        f"<body>{body}</body></html>\n"
    )


def overview(url: str, query: str, live: str, *, above: str = "") -> str:
    """The body of the main page around its *live* part; *above* leads out of a session."""
    out = f'<a href="{above}">all sessions</a>' if above else ""
    return (
        f"<header><h1>grantex-sim</h1><code>{_safe(url)}</code>{out}"
        '<button id="pause" type="button" hidden>Pause</button></header>'
        '<form role="search"><label for="q">Search</label>'
        f'<input id="q" name="q" type="search" value="{_safe(query)}" spellcheck="false" '
        'placeholder="a Datadog log search: @grantex.event_type:grant.revoked" autocomplete="off">'
        "<noscript><button>Search</button></noscript></form>"
        '<p id="away" role="status" hidden></p>'
        f'<main id="live" aria-live="off">{live}</main>'
        '<footer><a href="_sim/ledger">ledger</a> <a href="_sim/faults">faults</a> '
        '<a href="_sim/notifications">notifications</a></footer>'
    )


def live_part(
    report: Report, faults: Sequence[str], tables: Tables, sessions: Sequence[SessionRow] = ()
) -> str:
    """What changes: the account, the faults in force, the tables."""
    problem = f'<p class="bad" role="alert">{_safe(tables.problem)}</p>' if tables.problem else ""
    others = _table("sessions", "Sessions", _SESSIONS, map(_session, sessions)) if sessions else ""
    empty = tables.emptiness
    return (
        problem
        + _account(report)
        + _faults(faults)
        + others
        + _table("refused", "Refused", _REFUSED, map(_refusal, tables.refused), empty)
        + _table("emitted", "Emitted", _EMITTED, map(_event, tables.emitted), empty)
        + _table("accepted", "Accepted", _ACCEPTED, map(_entry, tables.accepted), empty)
    )


def request_page(received: Received, body: str) -> str:
    """The body of the page about one request: its answer, its headers, its entries, its *body*."""
    said = received.exchange
    facts = (
        ("answer", f"{said.status or 'none'} {said.reason}".strip()),
        ("arrived", said.at),
        ("path", said.path),
        ("key", said.key),
        ("coding", said.encoding),
        ("bytes", f"{said.bytes:,} as sent" + (f", {said.size:,} decoded" if said.size else "")),
        ("entries", f"{said.entries:,}" + (f", {said.truncated} cut" if said.truncated else "")),
        ("took", f"{said.seconds * 1000:.1f} ms"),
    )
    colour = "good" if received.is_accepted else "bad"
    opened = "" if received.messages else " open"
    return (
        f'<header><h1>Request {received.number}</h1><a href="../../">all</a></header><main>'
        f'<section class="{colour}"><h2>Answer</h2>{_pairs(facts)}</section>'
        f"<section><h2>Headers</h2>{_pairs(received.headers)}</section>"
        f'<section id="entries"><h2>Entries</h2>{_entries(received.messages)}</section>'
        f'<section id="body"><details{opened}><summary><h2>Body</h2></summary>'
        f"{_payload(body)}</details></section></main>"
    )


def _entries(messages: Sequence[str]) -> str:
    if not messages:
        return '<p class="quiet">none that could be read</p>'
    shown = "".join(
        f"<details><summary>{index}: <code>{_safe(printable(message, limit=160))}</code></summary>"
        f"{_payload(message)}</details>"
        for index, message in enumerate(messages[:SHOWN])
    )
    rest = len(messages) - SHOWN
    return shown + (f"<p>and {rest:,} more</p>" if rest > 0 else "")


def gone_page(number: int) -> str:
    """The body when a request is no longer kept."""
    return (
        f'<header><h1>Request {number}</h1><a href="../../">all</a></header>'
        "<main><p>It is not kept any more, or there was none of that number.</p></main>"
    )


def _account(report: Report) -> str:
    missing, verdicts = report.missing_count, report.verdicts
    cards = (
        ("emitted", report.emitted, ""),
        ("delivered", report.delivered, "good"),
        ("not delivered", missing, "warn" if missing else ""),
        ("lost", verdicts.lost, "bad" if verdicts.lost else ""),
        ("pending", verdicts.pending, "warn" if verdicts.pending else ""),
        ("withheld", verdicts.withheld, ""),
        ("undeliverable", verdicts.undeliverable, "warn" if verdicts.undeliverable else ""),
        ("unheard", verdicts.unheard, ""),
        ("duplicates", report.duplicates, "warn" if report.duplicates else ""),
        ("altered", report.altered, "bad" if report.altered else ""),
        ("refused requests", report.refused, "bad" if report.refused else ""),
        ("clients", report.clients, ""),
    )
    return '<section id="account">' + "".join(map(_card, cards)) + "</section>"


def _card(card: tuple[str, int, str]) -> str:
    name, value, colour = card
    key = name.replace(" ", "-")
    return (
        f'<div class="card {colour}"><b data-count="{key}">{value:,}</b><span>{name}</span></div>'
    )


def _faults(faults: Sequence[str]) -> str:
    if not faults:
        return '<section id="faults"><h2>Faults in force</h2><p class="quiet">none</p></section>'
    items = "".join(f"<li><code>{_safe(fault)}</code></li>" for fault in faults)
    return f'<section id="faults"><h2>Faults in force</h2><ul>{items}</ul></section>'


def _table(
    key: str, name: str, columns: Sequence[str], rows: Iterable[str], empty: str = ""
) -> str:
    body = "".join(rows)
    if not body:
        return f'<section id="{key}"><h2>{name}</h2><p class="quiet">{empty}</p></section>'
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    return (
        f'<section id="{key}"><h2>{name}</h2><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></section>"
    )


def _session(row: SessionRow) -> str:
    name = _safe(row.name)
    counts = "".join(f"<td>{count:,}</td>" for count in row[1:])
    return f'<tr><td><a href="s/{name}/">{name}</a></td>{counts}</tr>'


def _event(row: EventRow) -> str:
    state = row.verdict or "no event"
    colour = _COLOURS.get(row.verdict, "warn")
    why = f' title="{_safe(row.cause.line)}"' if row.cause is not None else ""
    return (
        f'<tr>{_time(row.at)}<td class="{colour}"{why}>{state}</td>{_type(row.type)}'
        f"{_id(row.id or row.at, row.id, row.payload)}</tr>"
    )


def _entry(row: EntryRow) -> str:
    key = f"{row.request} {row.id or row.message[:60]}"
    return (
        f"<tr>{_time(row.at)}<td>{_link(row.request)}</td>{_type(row.type)}"
        f"{_id(key, row.id, row.message)}</tr>"
    )


def _refusal(row: RefusedRow) -> str:
    return (
        f'<tr>{_time(row.at)}<td class="bad">{row.status or "none"}</td>'
        f'<td>{row.entries:,}</td><td class="why">{_link(row.request)} {_safe(row.reason)}</td></tr>'
    )


def _time(at: str) -> str:
    return f'<td><time datetime="{at}">{at[11:23]}</time></td>'


def _type(name: str) -> str:
    return f'<td class="type">{_safe(name)}</td>'


def _id(key: str, event_id: str, payload: str) -> str:
    """A row's id with its payload to be opened; *key* finds it again when the page is redrawn."""
    return (
        f'<td class="rest"><details data-key="{_safe(key)}"><summary>'
        f"<code>{_safe(event_id) or '—'}</code></summary>{_payload(payload)}</details></td>"
    )


def _payload(text: str) -> str:
    """JSON laid out for reading; anything else as it is."""
    if len(text) <= _LONGEST:
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    shown, rest = text[:_LONGEST], len(text) - _LONGEST
    lines = "\n".join(map(_safe, shown.split("\n")))
    return f"<pre>{lines}{f'… and {rest:,} more characters' if rest > 0 else ''}</pre>"


def _link(number: int) -> str:
    return f'<a href="_sim/requests/{number}">#{number}</a>'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(value)}</dd>" for name, value in pairs)
    return f"<dl>{rows}</dl>"


def _safe(text: str) -> str:
    return escape(printable(text))
