from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.words.secrets import Secrets


KEY = "gx_live_0123456789abcdef"
ODD = 'p@ss"w\\rd/ü'


@pytest.mark.parametrize("secret", [KEY, ODD])
def test_a_secret_is_masked_however_it_is_spelled(secret) -> None:
    secrets = Secrets([secret, ""])
    for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret.upper()):
        text = f"Bearer {spelling}; {spelling}"
        assert secrets.masked(text) == "Bearer ***; ***"
        assert secrets.masked_bytes(text.encode()) == b"Bearer ***; ***"


def test_a_secret_within_another_leaves_nothing_of_either() -> None:
    assert Secrets(["secret", "secret-longer"]).masked("secret-longer secret") == "*** ***"


def test_who_knows_nothing_changes_nothing() -> None:
    assert Secrets().masked("abc") == "abc"
    assert Secrets(["abc"]).masked("abc") == "abc", "too short to be a secret"


def test_secrets_are_not_shown() -> None:
    assert KEY not in repr(Secrets([KEY]))


@given(st.text(min_size=6, max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_secret_is_left_in_any_text(secret: str, before: str, after: str) -> None:
    if secret not in "***":
        masked = Secrets([secret]).masked(before + secret + after)
        assert len(masked) < len(before + secret + after) + 3
        assert "***" in masked
