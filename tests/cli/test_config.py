"""Settings from every source, where each came from, and the commands that show it."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from grantex_tui.cli.main import main
from grantex_tui.errors import UsageError
from grantex_tui.settings import Settings, gather
from grantex_tui.settings.written import KEYS, SETTINGS, as_toml, from_text, template


PAGE = Path(__file__).parents[2] / "docs" / "watch.md"
OTHERS = {
    "url": "http://127.0.0.1:1", "paths": "sse", "compression": "none", "batch_size": 7,
    "flush_interval": 2.5, "max_request_events": 9, "intake_url": "http://127.0.0.1:2",
    "journal_max_age": 60.0, "client_cert": "c.pem", "tags": ("env:prod", "team:a"),
}  # fmt: skip
"""Values that must be special; others are made of the default."""


def other(setting):
    if setting.name in OTHERS:
        return OTHERS[setting.name]
    match setting.default:
        case bool(value):
            return not value
        case int(value) | float(value):
            return value + 1
        case tuple():
            return ("a", "b")
    return "x"


def as_text(value) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    for variable in list(os.environ):
        if variable.startswith(("GRANTEX_", "DD_")):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_can_be_given_in_the_file_and_by_its_variable(setting):
    value = other(setting)
    companions = {"client_cert": "c.pem"} if setting.name == "client_key" else {}
    text = "".join(f"{k} = {as_toml(v)}\n" for k, v in {**companions, setting.name: value}.items())
    from_file = gather({}, {}, text, file_path="config.toml")
    assert getattr(from_file.settings, setting.name) == value
    line = len(companions) + 1
    assert from_file.origins[setting.name] == f"config.toml:{line}"
    variables = {f"GRANTEX_TUI_{k.upper()}": v for k, v in companions.items()}
    from_environment = gather({}, {**variables, setting.variable: as_text(value)})
    assert getattr(from_environment.settings, setting.name) == value
    assert from_environment.origins[setting.name] == setting.variable
    assert from_text(setting.name, as_text(value)) == value


def test_options_go_before_the_environment_before_the_file():
    sourced = gather(
        {"site": "a"}, {"GRANTEX_TUI_SITE": "b", "DD_SITE": "c"}, 'site = "d"', file_path="f"
    )
    assert (sourced.settings.site, sourced.origins["site"]) == ("a", "the command line")
    assert sourced.notes == (
        "DD_SITE is set and not used: GRANTEX_TUI_SITE goes before it",
        "GRANTEX_TUI_SITE is set and not used: the command line goes before it",
    )


def test_what_datadogs_variables_make_of_the_logs_is_said():
    sourced = gather(
        {},
        {"DD_SERVICE": "authz", "DD_TAGS": "team:a region:eu", "DD_ENV": "prod", "DD_VERSION": "2"},
    )
    assert sourced.settings.service == "authz"
    assert sourced.settings.tags == ("team:a", "region:eu", "env:prod", "version:2")
    assert set(sourced.notes) == {
        "logs get service authz from DD_SERVICE",
        "logs get tags team:a,region:eu,env:prod,version:2 from DD_TAGS",
        "logs get the tag env:prod from DD_ENV",
        "logs get the tag version:2 from DD_VERSION",
    }


def test_a_tag_that_was_given_goes_before_the_variable_for_everything():
    sourced = gather({"tags": ["env:dev"]}, {"DD_ENV": "prod"})
    assert sourced.settings.tags == ("env:dev",)
    assert sourced.notes == ("DD_ENV is set and not used: there is a tag env: already",)


def test_a_variable_that_is_no_setting_is_said():
    [note] = gather({}, {"GRANTEX_TUI_JOURNALL": "x"}).notes
    assert note == (
        "GRANTEX_TUI_JOURNALL is set and not used: there is no such setting; "
        "did you mean GRANTEX_TUI_JOURNAL?"
    )


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("GRANTEX_TUI_BATCH_SIZE", "many"), ("GRANTEX_TUI_FORWARD", "perhaps"),
        ("GRANTEX_TUI_PATHS", "none"), ("GRANTEX_TUI_FLUSH_INTERVAL", "soon"),
        ("GRANTEX_TUI_JOURNAL_MAX_BYTES", "much"),
    ],
)  # fmt: skip
def test_a_variables_bad_value_is_told_with_its_name(variable, text):
    with pytest.raises(UsageError, match=f"{variable}: '{text}': "):
        gather({}, {variable: text})


def test_the_template_is_every_setting_at_its_default():
    text = template()
    assert tomllib.loads(text) == {}
    whole = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line and ";" not in line
    )
    assert gather({}, {}, whole, file_path="f").settings == Settings()
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Settings)]


def test_init_then_check_then_show(tmp_path, monkeypatch, capsys):
    file = tmp_path / "new" / "config.toml"
    assert main(["config", "init", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert main(["config", "init", str(file)]) == 2
    monkeypatch.setenv("DD_API_KEY", "0123456789abcdef0123456789abcdef")
    file.write_text(file.read_text().replace('# site = "datadoghq.com"', 'site = "datadoghq.eu"'))
    assert main(["config", "check", str(file)]) == 0
    assert f"2 settings are given, {len(SETTINGS) - 2} are" in capsys.readouterr().out
    assert main(["config", "show", str(file), "--origin"]) == 0
    shown = capsys.readouterr().out
    assert f'site = "datadoghq.eu"  # {file}:' in shown
    assert 'dd_api_key = "…"  # DD_API_KEY' in shown
    assert "0123456789abcdef" not in shown
    values = tomllib.loads(shown)
    assert [name for name in values if name not in KEYS] == [
        setting.name for setting in SETTINGS if setting.name not in KEYS
    ]


def test_a_mistake_in_the_file_is_told_by_check(tmp_path, capsys):
    file = tmp_path / "config.toml"
    file.write_text('sight = "x"\n')
    assert main(["config", "check", str(file)]) == 3
    assert f"{file}:1: unknown key 'sight'" in capsys.readouterr().err


def test_the_page_names_every_variable():
    text = PAGE.read_text()
    rows = [f"| `{setting.name}` | `{setting.variable}` |" for setting in SETTINGS]
    assert [row for row in rows if row not in text] == []
