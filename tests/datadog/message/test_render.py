from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.message import MessageContext, MessageError, render
from grantex_tui.datadog.message.context import CONDITIONS


STATES = ("OK", "Warn", "Alert", "No Data")
TRUE = {
    # which conditionals are true for (from, to)
    ("OK", "Warn"): {"is_warning"},
    ("OK", "Alert"): {"is_alert"},
    ("OK", "No Data"): {"is_no_data"},
    ("Warn", "Alert"): {"is_alert"},
    ("Alert", "Warn"): {"is_warning", "is_alert_to_warning"},
    ("Alert", "No Data"): {"is_no_data"},
    ("Alert", "OK"): {"is_recovery", "is_alert_recovery"},
    ("Warn", "OK"): {"is_recovery", "is_warning_recovery"},
    ("No Data", "OK"): {"is_recovery", "is_no_data_recovery"},
    ("No Data", "Alert"): {"is_alert"},
    ("Warn", "Warn"): {"is_warning"},
    ("Unknown", "OK"): {"is_recovery"},
    ("OK", "Unknown"): {"is_unknown"},
}


@pytest.mark.parametrize("states", TRUE, ids=" -> ".join)
@pytest.mark.parametrize("name", CONDITIONS)
def test_conditionals_and_their_opposites(body, states, name):
    expected = name in TRUE[states]
    template = f"{{{{#{name}}}}}yes{{{{/{name}}}}}{{{{^{name}}}}}no{{{{/{name}}}}}"
    assert body(template, *states) == ("yes" if expected else "no")


@pytest.mark.parametrize("kind", ["Re-Triggered", "Re-Warn", "Re-No Data"])
def test_renotifications_are_alerts_as_well(body, kind):
    template = "{{#is_renotify}}again {{/is_renotify}}{{#is_alert}}alert{{/is_alert}}"
    assert body(template, "Alert", "Alert", kind=kind) == "again alert"
    assert body(template, "OK", "Alert") == "alert"


def test_datadogs_example_of_an_escalation(body):
    template = (
        "{{^is_renotify}}\nThis monitor is alerting and sending a first message @dev-team@company.com\n\n"
        "To solve this monitor follow the steps:\n1. Go there\n2. Do this\n{{/is_renotify}}\n\n"
        "This part is generic and sent both for the first trigger and the escalation message.\n\n"
        "{{#is_renotify}}\n  This is the escalation message @dev-team@company.com\n{{/is_renotify}}\n"
    )
    assert body(template, "Alert", "Alert", kind="Re-Triggered") == (
        "This part is generic and sent both for the first trigger and the escalation message.\n\n"
        "  This is the escalation message @dev-team@company.com"
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{value}}", "51.0"),
        ("{{ value }}", "51.0"),
        ("{{threshold}}", "50.0"),
        ("{{warn_threshold}}", "10.0"),
        ("{{alert_recovery_threshold}}|", "|"),
        ("{{value}} {{comparator}} {{threshold}}", "51.0 > 50.0"),
        ("{{first_triggered_at}}", "Sun Sep 13 2020 12:26:40 UTC"),
        ("{{first_triggered_at_epoch}}", "1600000000000"),
        ("{{last_triggered_at}}", "Sun Sep 13 2020 12:30:40 UTC"),
        ("{{last_triggered_at_epoch}}", "1600000240000"),
        ("{{triggered_duration_sec}}", "300"),
        ("{{env.name}}", "prod"),
        ("{{[@grantex.agent_id].name}}", "ag_1"),
        ("{{@grantex.agent_id.name}}|", "|"),
        ("{{log.attributes.data.grantId}}", "grnt_1"),
        ("{{log.attributes.[data.grantId]}}", "grnt_1"),
        ("{{log.attributes.[x.y]}}", "dotted"),
        ("{{log.attributes.n}} {{log.attributes.on}}", "3 true"),
        ("{{{log.attributes.data.scopes}}}", '["a","b"]'),
        ("{{log.attributes.data.none.deeper}}|", "|"),
        ("{{log.tags.env}} {{log.tags.team}}", "prod a,b"),
        ("{{log.message}} {{log.service}} {{log.source}} {{log.status}}", "token issued grantex grantex info"),
        ("{{log.timestamp}}", "Sun Sep 13 2020 12:26:40 UTC"),
        ("{{log.trace_id}}{{log.span_id}}|", "|"),
        ("{{log.link}}", "https://app.datadoghq.com/logs?query=x&live=false"),
        ("{{nothing}} {{no.thing}}|", "|"),
        ("{{local_time 'last_triggered_at' 'Asia/Tokyo'}}", "2020-09-13 21:30:40+09:00"),
        ('{{local_time "first_triggered_at" "UTC"}}', "2020-09-13 12:26:40+00:00"),
        ("{{local_time 'value' 'Asia/Tokyo'}}|", "|"),
        ("{{local_time 'last_triggered_at' 'Mars/Base'}}|", "|"),
        ("{{local_time 'last_triggered_at' '../../etc/passwd'}}|", "|"),
        ("a {{!-- }} gone --}}b{{! gone }}c", "a bc"),
        (r"\{{value}} is {{value}}", "{{value}} is 51.0"),
        ("{{{{raw}}}}{{value}} {{#x}}{{{{/raw}}}}", "{{value}} {{#x}}"),
        ("a  {{~value~}}  b", "a51.0b"),
        ("{{value}}}", "51.0}"),
        ("{{&env.name}}", "prod"),
        ("{ {value} } }}", "{ {value} } }}"),
    ],
)  # fmt: skip
def test_values(body, template, text):
    assert body(template) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12.0"),
        (0.0, "0.0"),
        (100 / 3, "33.333"),
        (0.25, "0.25"),
        (None, ""),
        (1e16, "1e+16"),
    ],
)
def test_numbers_have_a_point_and_at_most_three_decimals(body, value, text):
    assert body("{{value}}", value=value) == text


def test_first_and_last_triggered_in_datadogs_example(context):
    """T1 OK to Warn, T2 to Alert, T3 to No Data, T4 to OK: last is T1, T2, T3, T3."""
    template = "{{first_triggered_at_epoch}} {{last_triggered_at_epoch}} {{triggered_duration_sec}}"
    times = {"T1": 100.0, "T2": 160.0, "T3": 220.0, "T4": 280.0}
    lasts = ["T1", "T2", "T3", "T3"]
    rendered = [
        render(
            template, context(at=at, first_triggered_at=100.0, last_triggered_at=times[last])
        ).body
        for at, last in zip(times.values(), lasts, strict=True)
    ]
    assert rendered == [
        "100000 100000 0",
        "100000 160000 60",
        "100000 220000 120",
        "100000 220000 180",
    ]


def test_events_are_escaped_and_datadogs_own_values_are_not(body):
    nasty = "<b>&\"'`="
    escaped = "&lt;b&gt;&amp;&quot;&#x27;&#x60;&#x3D;"
    group = (("env", nasty),)
    assert body("{{env.name}}", group=group) == escaped
    assert body("{{{env.name}}}", group=group) == nasty
    assert body("{{&env.name}}", group=group) == nasty
    assert body("{{comparator}} < & >") == "> < & >"


def test_values_are_never_read_as_templates(body):
    assert (
        body("{{{env.name}}}", group=(("env", "{{value}}{{#is_alert}}"),))
        == "{{value}}{{#is_alert}}"
    )


@pytest.mark.parametrize(
    ("template", "holds"),
    [
        ('{{#is_match "env.name" "pro"}}', True),
        ('{{#is_match "env" "prod"}}', True),
        ('{{#is_match "env.name" "dev" "pr"}}', True),
        ('{{#is_match "env.name" "dev" "PROD"}}', False),
        ('{{#is_match "env.name" ""}}', True),
        ('{{#is_match "team.name" ""}}', False),
        ('{{#is_match "team.name" "x"}}', False),
        ('{{#is_match "[@grantex.agent_id].name" "ag_"}}', True),
        ('{{#is_match "@grantex.agent_id.name" "ag_"}}', True),
        ('{{#is_match "log.tags.env" "prod"}}', True),
        ("{{#is_match env.name 'prod'}}", True),
        ('{{#is_match "value" 5}}', True),
        ('{{#is_match "env.name"}}', False),
        ('{{#is_exact_match "env.name" "prod"}}', True),
        ('{{#is_exact_match "env.name" "pro"}}', False),
        ('{{#is_exact_match "env.name" "x" "prod"}}', True),
        ('{{#is_exact_match "value" "51"}}', True),
        ('{{#is_exact_match "value" 51.00}}', True),
        ('{{#is_exact_match "value" "5"}}', False),
        ('{{#is_exact_match (eval "int(last_triggered_at_epoch / 3600000 % 24)") "11" "12"}}', True),
        ('{{#is_match (eval "int(last_triggered_at_epoch / 3600000 % 24)") "14" "15"}}', False),
        ("{{#is_priority 'P3'}}", True),
        ("{{#is_priority 'P1'}}", False),
        ("{{#is_warning_to_alert}}", False),
        ("{{#is_anything}}", False),
    ],
)  # fmt: skip
def test_matches(body, template, holds):
    name = template.split()[0].strip("{}#")
    text = template + "yes{{else}}no{{/" + name + "}}"
    assert body(text) == ("yes" if holds else "no")
    inverted = text.replace("{{#", "{{^")
    assert body(inverted) == ("no" if holds else "yes")


def test_a_missing_log_renders_empty(body):
    template = "[{{log.message}}{{log.attributes.n}}{{log.tags.env}}{{log.timestamp}}]"
    assert body(template, log=None) == "[]"


@pytest.mark.parametrize(
    ("template", "priority"),
    [
        ("x", 3),
        ("{{override_priority 'P1'}}", 1),
        ("{{#is_alert}}{{override_priority 'P2'}}{{/is_alert}}", 2),
        ("{{#is_recovery}}{{override_priority 'P2'}}{{/is_recovery}}", 3),
        ("{{override_priority 'P9'}}", 3),
    ],
)
def test_the_priority_can_be_overridden(context, template, priority):
    rendered = render(template, context())
    assert rendered.priority == priority
    assert rendered.body in ("", "x")


def test_block_tags_alone_on_their_lines_leave_no_lines(body):
    template = "a\n  {{#is_alert}}\n  b\n  {{else}}\n  c\n  {{/is_alert}}\nd"
    assert body(template) == "a\n  b\nd"
    assert body(template, "Alert", "OK") == "a\n  c\nd"
    assert body("a\n{{! gone }}\nb") == "a\nb"
    assert body("a\r\n{{#is_alert}}\r\nb\r\n{{/is_alert}}\r\nc") == "a\r\nb\r\nc"


def test_block_tags_that_share_a_line_keep_it(body):
    assert body("a\n{{#is_alert}}b{{/is_alert}}\nc") == "a\nb\nc"
    assert body("a\n{{#is_recovery}}b{{/is_recovery}}\nc") == "a\n\nc"
    assert body("{{#is_alert}}{{#is_alert}}\nx\n{{/is_alert}}\n{{/is_alert}}") == "x"
    assert body("a\n{{value}}\nc") == "a\n51.0\nc"


ERRORS = [
    ("{{#is_alert}}x", "the block 'is_alert' is never closed", 0),
    ("a{{#is_alert}}{{#is_match 'x' 'y'}}z{{/is_alert}}", "'is_match' is closed by {{/is_alert}}", 36),
    ("x{{/is_alert}}", "{{/is_alert}} without a block", 1),
    ("x{{else}}y", "{{else}} without a block", 1),
    ("{{#is_alert}}a{{else}}b{{else}}c{{/is_alert}}", "is closed by {{else}}", 23),
    ("{{value", "never closed with '}}'", 0),
    ("{{value}", "never closed with '}}'", 0),
    ("{{{value}}", "must be closed with '}}}'", 0),
    ("{{}}", "the tag is empty", 0),
    ("{{#}}", "the tag is empty", 0),
    ("{{!-- x }}", "the comment is never closed", 0),
    ("{{{{raw}}}}x", "the raw block is never closed", 0),
    ("{{{{ }}}}", "without a name", 0),
    ("{{eval}}", "eval takes one expression", 2),
    ("{{eval value}}", "eval takes one expression", 2),
    ('{{eval "value +"}}', "expected a variable", 15),
    ('{{eval "value ! 2"}}', "unexpected '!'", 14),
    ('{{eval "eggs(1)"}}', "no function 'eggs'", 8),
    ('{{#is_match (eval "1" "a"}}x{{/is_match}}', "'(' is never closed", 0),
    ('{{#is_match () "a"}}x{{/is_match}}', "'()' is empty", 12),
    ("{{'x' y}}", "a helper begins with its name", 3),
    ("{{#'x'}}{{/x}}", "a block begins with its name", 0),
    ("{{#is_alert}}" * 60, "more than 50 blocks", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "says", "position"), ERRORS, ids=[row[0][:30] for row in ERRORS]
)
def test_errors_have_a_position(context, template, says, position):
    with pytest.raises(MessageError) as caught:
        render(template, context())
    assert says in caught.value.reason
    assert position is None or caught.value.position == position


def test_an_error_shows_its_line(context):
    with pytest.raises(MessageError) as caught:
        render("one\ntwo {{#is_alert}}\nthree", context())
    assert caught.value.line == 2
    line, caret = caught.value.message.splitlines()[1:]
    assert line[caret.index("^") :] == "{{#is_alert}}"


@given(st.text("{}#^/~!\\ \n'\"()@[].ab&", max_size=40))
def test_nonsense_is_rendered_or_an_error_with_a_position(template):
    context = MessageContext("OK", "Alert", "Triggered", at=0.0)
    position = 0
    try:
        render(template, context)
    except MessageError as error:
        position = error.position
    assert 0 <= position <= len(template)


@given(st.text(st.characters(exclude_characters="{}\\"), max_size=60))
def test_a_text_without_tags_goes_out_as_it_is(text):
    context = MessageContext("OK", "Alert", "Triggered", at=0.0)
    assert render(text, context).body == text.strip()


@st.composite
def trees(draw, depth=3):
    """A template of nested blocks, and the text that it must render in an alert."""
    parts, expected = [], []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["text", "value", "block"] if depth else ["text", "value"]))
        if kind == "text":
            text = draw(st.text("abc ", min_size=1, max_size=4))
            parts.append(text)
            expected.append(text)
        elif kind == "value":
            parts.append("{{value}}")
            expected.append("51.0")
        else:
            inner, shown = draw(trees(depth=depth - 1))
            other, instead = draw(trees(depth=depth - 1))
            name = draw(st.sampled_from(["is_alert", "is_recovery"]))
            sign = draw(st.sampled_from("#^"))
            holds = (name == "is_alert") is (sign == "#")
            parts.append(f"{{{{{sign}{name}}}}}{inner}{{{{else}}}}{other}{{{{/{name}}}}}")
            expected.append(shown if holds else instead)
    return "".join(parts), "".join(expected)


@given(trees())
def test_blocks_inside_blocks(tree):
    """Every template is on one line between marks, where no tag is alone on its line."""
    template, expected = tree
    context = MessageContext("OK", "Alert", "Triggered", at=0.0, value=51.0)
    assert render(f"[{template}]", context).body == f"[{expected}]"


def test_contexts_are_values(context):
    assert context() == replace(context(), value=51.0)
