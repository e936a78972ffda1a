"""Names that other projects import: they stay where they are."""

import importlib

import pytest


PUBLIC = {
    "grantex_tui.datadog.entry": {"take_entry"},
    "grantex_tui.datadog.pipeline": {"parse_pipeline", "compile_pipelines"},
    "grantex_sim": {"serve_in_thread"},
}


@pytest.mark.parametrize("module", PUBLIC)
def test_what_others_import_is_there_and_is_promised(module):
    loaded = importlib.import_module(module)
    assert set(loaded.__all__) >= PUBLIC[module]
    assert [name for name in loaded.__all__ if not hasattr(loaded, name)] == []


def test_the_simulator_says_that_a_name_is_not_there():
    with pytest.raises(AttributeError, match="module 'grantex_sim' has no attribute 'serve'"):
        importlib.import_module("grantex_sim").serve  # noqa: B018
