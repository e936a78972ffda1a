from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.message import MessageContext, render


def recipients(template, group=(), **changes):
    context = MessageContext("OK", "Alert", "Triggered", at=0.0, group=group, **changes)
    return render(template, context).recipients


@pytest.mark.parametrize(
    ("template", "handles"),
    [
        ("@slack-ops", ("@slack-ops",)),
        ("Wake up @slack-Acme-sec_ops, @pagerduty-Grantex!", ("@slack-Acme-sec_ops", "@pagerduty-Grantex")),
        ("@ann.lee@example.com.", ("@ann.lee@example.com",)),
        ("(@webhook-x)\n@workflow-Page-on-call", ("@webhook-x", "@workflow-Page-on-call")),
        ("@slack-a @slack-b @slack-a", ("@slack-a", "@slack-b")),
        ("mail ann@example.com or see a@b", ()),
        ("@ alone, @@double and \\@", ()),
        ("search @grantex.event_type:grant.revoked now", ()),
        ("@slack-ops: see this", ("@slack-ops",)),
        ("@slack-ops:see this", ("@slack-ops",)),
        ("ends with @slack-ops.", ("@slack-ops",)),
        ("{{{{raw}}}}@slack-raw{{{{/raw}}}}", ("@slack-raw",)),
        ("{{!-- @slack-commented --}}", ()),
        ("{{#is_alert}}@slack-a{{/is_alert}}{{#is_recovery}}@slack-r{{/is_recovery}} @slack-always", ("@slack-a", "@slack-always")),
    ],
)  # fmt: skip
def test_handles_in_the_text_that_survives(template, handles):
    assert recipients(template) == handles


def test_a_value_may_complete_a_handle():
    group = (("team", "payments"), ("mail", "ann@example.com"))
    assert recipients("@slack-{{team.name}}", group) == ("@slack-payments",)
    assert recipients("@{{{mail.name}}}", group) == ("@ann@example.com",)
    assert recipients("@slack-{{team.name}}-alerts", group) == ("@slack-payments-alerts",)


def test_a_value_never_begins_a_handle():
    group = (("who", "@slack-evil @pagerduty-evil a @evil@example.com"),)
    assert recipients("{{who.name}} {{{who.name}}} @slack-good", group) == ("@slack-good",)
    assert recipients("@slack-{{{who.name}}}", group) == ()


@given(st.text("@sl-ack. x:\n", max_size=30))
def test_no_value_makes_a_recipient_of_its_own(value):
    found = recipients("{{{who.name}}} | @slack-good", (("who", value),))
    assert found == ("@slack-good",)


def test_a_handle_in_ten_thousand_blocks_is_one_recipient():
    template = "{{#is_alert}}x @slack-a{{/is_alert}}\n" * 10_000
    assert recipients(template) == ("@slack-a",)
