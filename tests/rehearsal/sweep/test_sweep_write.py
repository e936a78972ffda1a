from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.monitor.load import load_monitors, objects_of
from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.errors import InvalidFileError
from grantex_tui.pack import monitor_texts
from grantex_tui.rehearsal.sweep.scalars import scalar_spans
from grantex_tui.rehearsal.sweep.variants import setting_of
from grantex_tui.rehearsal.sweep.write import rewritten


QUERY = 'logs("source:grantex @a:>5").index("*").rollup("count").last("5m") > 50'
JSON = r"""{
	"query" : "logs(\"source:grantex @a:>5\").index(\"*\").rollup(\"count\").last(\"5m\") > 50",
  "name":"denials",   "type": "log alert",
  "message": "over 50 in last(\"5m\") > 50",
  "options": {"thresholds": {"warning":10, "critical" : 50.0 }, "renotify_interval": 50}
}
"""
GO = JSON.replace("> 50", "\\u003e 50").replace("@a:>5", "@a:\\u003e5")
YAML = """\
# 50 was chosen in a hurry
name: denials
type: log alert
query: logs("source:grantex @a:>5").index("*").rollup("count").last("5m") > 50  # not > 50
message: "over 50"
options:
  thresholds: {critical: 50, warning: 10}   # keep them apart
  renotify_interval: 50
"""
SINGLE = YAML.replace(QUERY, f"'{QUERY}'")
DOUBLE = YAML.replace(QUERY, '"' + QUERY.replace('"', '\\"') + '"')
FOLDED = YAML.replace(
    QUERY + "  # not > 50",
    '>-\n  logs("source:grantex @a:>5").index("*")\n  .rollup("count").last("5m")\n  > 50\n',
).replace("@a:>5", "@a:>5")
LITERAL = YAML.replace(f"{QUERY}  # not > 50", f"|\n  {QUERY}\n# not > 50")
SHARED = f"""\
- {{name: one, type: log alert, query: '{QUERY}', message: "", options: &o {{thresholds: {{critical: 50}}}}}}
- {{name: two, type: log alert, query: '{QUERY}', message: "", options: *o}}
"""
MERGED = f"""\
- name: one
  type: log alert
  query: {QUERY}
  message: ""
  options: {{thresholds: {{<<: {{critical: 50}}}}}}
"""
FORMS = {
    "anchors": YAML.replace("critical: 50", "critical: &c 50").replace("query: ", "query: &q "),
    "tags": YAML.replace("critical: 50", "critical: !!float '50'").replace(
        "query: ", "query: !!str "
    ),
    "anchor and tag": YAML.replace("critical: 50", "critical: &c !!int 50"),
    "flow": f"""{{name: denials, type: log alert, query: '{QUERY}', message: "",
 options: {{thresholds: {{critical: 50, # it was 50
   warning: 10}}}}}}""",
    "over lines": YAML.replace(
        QUERY, QUERY.replace(".last", "\n    .last").replace("> 50", "\n    > 50")
    ),
    "explicit keys": YAML.replace("options:\n", "? options\n:\n").replace("name:", "'name':"),
    "documents": f"%YAML 1.1\n---\n{YAML}...\n---\n{YAML.replace('denials', 'others')}",
    "a merge beside it": YAML.replace("options:\n", "options:\n  <<: {include_tags: true}\n"),
    "overridden": YAML.replace("options:\n", "options:\n  <<: {thresholds: {critical: 7}}\n"),
    "a line end in the query": JSON.replace('> 50"', '> 50\\n"'),
    "exponent": JSON.replace(": 50.0", ": 5e1"),
}
TEXTS = {
    "json": JSON,
    "go": GO,
    "yaml": YAML,
    "single": SINGLE,
    "double": DOUBLE,
    "literal": LITERAL,
    "crlf": YAML.replace("\n", "\r\n"),
}


def load(text: str, path: str = "m.yaml"):
    return load_monitors(text.removeprefix("\ufeff"), path=path)


def changed(text: str, *, path: str = "m.yaml", window: int = 900, place: int = 0, **thresholds):
    monitor = load(text, path)[place]
    setting = replace(setting_of(monitor), window=window, thresholds=Thresholds(**thresholds))
    return rewritten(text, monitor, setting, path=path), setting


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_numbers_change(name, mark):
    text = mark + TEXTS[name]
    new, setting = changed(text, critical=8.0, warning=3.0)
    assert setting_of(load(new)[0]) == setting
    undone = (
        new.replace('last(\\"15m\\")', 'last(\\"5m\\")', 1)
        .replace('.last("15m") > 8', '.last("5m") > 50', 1)
        .replace("> 8", "> 50", 1)
        .replace("u003e 8", "u003e 50", 1)
    )
    for old, other in (("critical: 50", "critical: 8"), ("warning: 10", "warning: 3"),
                       ('"critical" : 50.0', '"critical" : 8'), ('"warning":10', '"warning":3')):  # fmt: skip
        undone = undone.replace(other, old)
    assert undone == text


@pytest.mark.parametrize(("name", "text"), monitor_texts())
def test_every_bundled_monitor_can_be_changed_and_changed_back(name, text):
    path = f"{name}.json"
    (monitor,) = load(text, path)
    own = setting_of(monitor)
    step = -0.5 if monitor.type == "query alert" else 2
    other = replace(
        own, window=600 if own.window != 600 else 900,
        thresholds=replace(own.thresholds, critical=own.critical + step),
        deviations=None if own.deviations is None else own.deviations + 1,
    )  # fmt: skip
    if own.thresholds.warning is not None:
        other = replace(
            other, thresholds=replace(other.thresholds, warning=own.thresholds.warning + 1)
        )
    new = rewritten(text, monitor, other, path=path)
    (there,) = load(new, path)
    assert setting_of(there) == other
    assert rewritten(new, there, own, path=path) == text
    assert sum(a != b for a, b in zip(text.splitlines(), new.splitlines(), strict=True)) <= 5


def test_one_monitor_of_several_is_changed():
    one, two = json.loads(JSON), json.loads(JSON) | {"name": "others"}
    text = json.dumps([one, two], indent=2)
    new, _ = changed(text, path="m.json", place=1, critical=7.0, warning=3.0)
    assert json.loads(new)[0] == one
    assert json.loads(new)[1]["options"]["thresholds"]["critical"] == 7
    lists = "---\n".join([YAML, YAML.replace("denials", "others")])
    new, _ = changed(lists, place=1, critical=7.0, warning=3.0)
    assert new.startswith(YAML)
    reply = json.dumps({"monitors": [one, two]})
    new, _ = changed(reply, path="m.json", place=1, critical=7.0, warning=3.0)
    assert json.loads(new)["monitors"][0] == one


def test_without_thresholds_in_the_options_the_query_alone_is_changed():
    text = YAML.replace("  thresholds: {critical: 50, warning: 10}   # keep them apart\n", "")
    new, _ = changed(text, critical=8.0)
    assert new == text.replace('"5m") > 50', '"15m") > 8', 1)


@pytest.mark.parametrize(
    ("text", "thresholds", "says"),
    [
        (YAML, {"critical": 8.0}, "warning has to go"),
        (YAML, {"critical": 8.0, "warning": 3.0, "critical_recovery": 2.0}, "has to be added: 2"),
        (YAML, {"critical": 8.0, "warning": 9.0}, "must be reached before the alert"),
        (YAML.replace("name: denials", "name: &n denials").replace("critical: 50", "critical: &c 50")
         .replace("renotify_interval: 50", "renotify_interval: *c"),
         {"critical": 8.0, "warning": 3.0}, "is renotify_interval, too, by an alias|is options.renotify_interval, too"),
        (SHARED, {"critical": 8.0}, r"\[0\].options.thresholds.critical is \[1\].*, too, by an alias"),
        (MERGED, {"critical": 8.0}, r"critical comes from elsewhere by a merge key"),
        (FOLDED, {"critical": 8.0, "warning": 3.0}, ""),
    ],
)  # fmt: skip
def test_what_is_not_a_matter_of_numbers_is_refused(text, thresholds, says):
    if not says:
        new, setting = changed(text, **thresholds)
        assert setting_of(load(new)[0]) == setting
        return
    with pytest.raises(InvalidFileError, match=says):
        changed(text, **thresholds)


def test_a_monitor_that_is_not_in_the_file_any_more_is_refused():
    (monitor,) = load(YAML)
    with pytest.raises(InvalidFileError, match="not in the file any more"):
        rewritten(YAML.replace("50", "60"), monitor, setting_of(monitor), path="m.yaml")
    twice = f"{YAML}---\n{YAML}"
    with pytest.raises(InvalidFileError, match="more than once"):
        rewritten(twice, monitor, setting_of(monitor), path="m.yaml")


@pytest.mark.parametrize("name", TEXTS)
def test_every_scalar_is_where_it_is_said_to_be(name):
    text = TEXTS[name]
    spans = scalar_spans(text, is_json=text.startswith("{"))
    (item,) = objects_of(read_document(text, path="m.yaml"))
    assert isinstance(item.value, dict)
    start, end = spans["options.thresholds.critical"]
    assert float(text[start:end]) == 50
    start, end = spans["name"]
    assert text[start:end].strip('"') == "denials"
    assert len(spans) == 7


@pytest.mark.parametrize("name", FORMS)
def test_every_ordinary_form_is_changed_where_its_numbers_stand(name):
    text = FORMS[name]
    new, setting = changed(text, critical=8.0, warning=3.0)
    assert setting_of(load(new)[0]) == setting
    assert load(new)[1:] == load(text)[1:]
    kept = [re.sub(r"\d[\d.e]*m?", "#", line) for line in text.splitlines()]
    assert [re.sub(r"\d[\d.e]*m?", "#", line) for line in new.splitlines()] == kept


STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "width": st.sampled_from([20, 80, 500]),
        "indent": st.integers(2, 6),
        "allow_unicode": st.booleans(),
        "sort_keys": st.booleans(),
        "line_break": st.sampled_from(["\n", "\r\n"]),
        "explicit_start": st.booleans(),
    }
)
INDENTS = st.sampled_from([None, 0, 1, 2, 4, "\t"])


@st.composite
def files(draw):
    """The text of a monitor file in some style, its ending, and the place of one in it."""
    name = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="{}"), max_size=9)  # fmt: skip
    count = draw(st.integers(1, 3))
    critical = draw(st.sampled_from([50, 50.0, 31, 0.5]))
    objects = [
        {
            "name": f"{number}{draw(name)}",
            "type": "log alert",
            "query": f"{QUERY.removesuffix('50')}{critical:g}",
            "message": draw(st.sampled_from(["", "> 50", 'last("5m") > 50\n# 50'])),
            "options": {"thresholds": {"critical": critical, "warning": 0.25}},
        }
        for number in range(count)
    ]
    value = objects[0] if count == 1 else draw(st.sampled_from([objects, {"monitors": objects}]))
    place = draw(st.integers(0, count - 1))
    if draw(st.booleans()):
        text = json.dumps(value, indent=draw(INDENTS), ensure_ascii=draw(st.booleans()))
        return text, "m.json", place
    return yaml.safe_dump(value, **draw(STYLES)), "m.yaml", place


@settings(max_examples=60)
@given(files(), st.sampled_from([9, 1200.0, 0.375]), st.sampled_from([60, 300, 86400]))
def test_whatever_the_style_only_what_is_wanted_changes(file, critical, window):
    text, path, place = file
    new, setting = changed(
        text, path=path, place=place, window=window, critical=float(critical), warning=0.125
    )
    before, after = load(text, path), load(new, path)
    assert setting_of(after[place]) == setting
    assert [each for n, each in enumerate(after) if n != place] == [
        each for n, each in enumerate(before) if n != place
    ]
    old = scalar_spans(text, is_json=path == "m.json")
    fresh = scalar_spans(new, is_json=path == "m.json")
    assert list(old) == list(fresh)
    differ = {key for key in old if text[slice(*old[key])] != new[slice(*fresh[key])]}
    where = objects_of(read_document(text, path=path))[place].where
    inside = {f"{where}.{key}" if where else key for key in CHANGED}
    assert differ <= inside
    assert _between(text, old) == _between(new, fresh)


CHANGED = ("query", "options.thresholds.critical", "options.thresholds.warning")


def _between(text: str, spans) -> list[str]:
    """What of a text is in no scalar."""
    ends = [0, *(at for span in sorted(spans.values()) for at in span), len(text)]
    return [text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
