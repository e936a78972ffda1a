"""Where in a JSON or YAML text each value stands."""

import json

import pytest

from grantex_tui.datadog.document import read_document


VALUE = {
    "name": "ä \U0001f600 b",
    "query": {"deep": [1, {"x": None}, []], "a.b": True},
    "list": [["p"], "q"],
}
BLOCK = """\
name: "ä \U0001f600 b"
query:
  deep:
    - 1
    - x: null
    - []
  a.b: true
list: [[p], q]
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.json", json.dumps(VALUE, ensure_ascii=False)),
        ("x.json", json.dumps(VALUE, ensure_ascii=False, indent=2)),
        ("x.json", json.dumps(VALUE, indent="\t").replace("\n", "\r\n")),
        ("x.yaml", BLOCK),
        ("x.yaml", "\ufeff" + BLOCK),
    ],
)
def test_line_and_column_are_those_of_the_key_or_of_the_item(path, text):
    document = read_document(text, path=path)
    assert document.value == VALUE
    lines = text.removeprefix("\ufeff").splitlines()
    begins = {
        "name": "name", "query": "query", "query.deep": "deep", "query.deep[0]": "1",
        "query.deep[2]": "[", "query.deep[1].x": "x", "query.a.b": "a.b", "list[0]": "[",
        "list[0][0]": "p", "list[1]": "q",
    }  # fmt: skip
    for where, start in begins.items():
        rest = lines[document.line(where) - 1][document.column(where) - 1 :]
        assert rest.lstrip('"').startswith(start), where


def test_what_is_not_there_stands_where_that_is_which_it_would_be_in():
    document = read_document(BLOCK, path="x.yaml")
    assert (document.line("query.none[3].x"), document.column("query.none[3].x")) == (2, 1)
    assert (document.line("none"), document.column("none")) == (1, 1)


class Watched(str):
    """A text that counts the characters that are searched for line breaks."""

    __slots__ = ("searched",)
    searched: int

    def count(self, sub, begin=0, end=None):
        end = len(self) if end is None else end
        self.searched += end - begin
        return super().count(sub, begin, end)

    def rfind(self, sub, begin=0, end=None):
        end = len(self) if end is None else end
        self.searched += end - begin
        return super().rfind(sub, begin, end)

    def removeprefix(self, _prefix):
        return self


@pytest.mark.parametrize("indent", [None, 1])
def test_where_things_stand_in_a_long_json_is_found_in_one_pass(indent):
    text = Watched(json.dumps([{"a": number, "b": "x"} for number in range(500)], indent=indent))
    text.searched = 0
    document = read_document(text, path="x.json")
    assert document.column("[499].b") > document.column("[499].a") or indent
    assert len(text) / 2 < text.searched <= 2 * len(text)
