"""A kind of expectation is one module: found, read, in the schema and in the docs."""

from __future__ import annotations

import json
import pkgutil
import textwrap
from pathlib import Path

import pytest

from grantex_tui.rehearsal.expect import kinds, registry
from grantex_tui.rehearsal.expect.registry import registered
from grantex_tui.rehearsal.spec.schema import spec_schema


DOCS = Path(__file__).parents[3] / "docs" / "rehearsal-spec.md"


def test_every_module_of_the_folder_has_kinds_with_keys_of_their_own():
    keys = [kind.key for kind in registered()]
    assert len(keys) == len(set(keys)) >= len(list(pkgutil.iter_modules(kinds.__path__)))


@pytest.mark.parametrize("kind", registered(), ids=lambda kind: kind.key)
def test_a_kind_has_its_row_in_the_docs_and_its_words_in_the_schema(kind):
    assert f"| `{kind.key}` | {kind.takes} | {kind.says} |" in DOCS.read_text("utf-8")
    parts = json.loads(json.dumps(spec_schema()))["$defs"]
    taken = parts["Expect"]["properties"][kind.key]
    assert taken["description"] == kind.says


def test_a_new_kind_is_one_new_module(tmp_path, monkeypatch):
    (tmp_path / "quiet.py").write_text(
        textwrap.dedent('''
        """``quiet``: a monitor does nothing at all."""
        from dataclasses import dataclass
        from msgspec import Struct
        from grantex_tui.rehearsal.expect.about import About
        from grantex_tui.rehearsal.expect.judge import Failure
        from grantex_tui.rehearsal.expect.kind import Kind

        class QuietEntry(Struct, frozen=True, forbid_unknown_fields=True):
            """Whose quiet."""
            monitor: str

        @dataclass(frozen=True)
        class Quiet:
            about: About
            kind: str = "quiet"
            monitors = property(lambda self: self.about.monitors)
            text = property(lambda self: f"{self.about.text} is quiet")
            def failure(self, rehearsed):
                return Failure("it spoke") if any(self.about.changes(rehearsed)) else None

        def read(reader, entries):
            for where, entry in entries:
                yield where, Quiet(reader.about(entry.monitor, None, where))

        KINDS = (Kind("quiet", "Nothing happens at all.", QuietEntry, read),)
        ''')
    )
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    found = registry.registered.__wrapped__()
    (quiet,) = [kind for kind in found if kind.key == "quiet"]
    assert len(found) == len(registered()) + 1
    monkeypatch.setattr(registry, "registered", lambda: found)
    assert "quiet" in registry.expect_type.__wrapped__().__struct_fields__
    assert quiet.entry.__name__ == "QuietEntry"
