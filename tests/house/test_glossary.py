"""The glossary's words are in the code, where it says."""

import importlib
import re
from pathlib import Path

import pytest


DOCS = Path(__file__).parents[2] / "docs"
ROWS = re.findall(
    r"^\| ([^|`]+?) \| [^|]+ \| `([\w.]+)` \|$", (DOCS / "glossary.md").read_text(), re.MULTILINE
)


def test_each_word_has_one_meaning_and_the_index_knows_the_page():
    words = [word for word, _ in ROWS]
    assert len(words) == len(set(words)) > 20
    assert words == [word.lower() for word in words]
    assert "(glossary.md)" in (DOCS / "README.md").read_text()


@pytest.mark.parametrize(("word", "name"), ROWS)
def test_a_word_is_where_the_glossary_says(word, name):
    module, _, member = name.rpartition(".")
    assert hasattr(importlib.import_module(module), member), word
