from __future__ import annotations

import pytest

from grantex_tui.errors import InvalidFileError, UsageError
from grantex_tui.settings import Settings, load_settings, require_key


def load(options=None, environment=None, text=""):
    return load_settings(options or {}, environment or {}, text, file_path="config.toml")


def test_nothing_said_gives_the_defaults():
    assert load() == Settings()


def test_command_line_goes_over_environment_over_file():
    text = 'site = "us3.datadoghq.com"\nservice = "from-file"\nbatch_size = 7\n'
    settings = load({"batch_size": 9}, {"DD_SITE": "datadoghq.eu"}, text)
    assert (settings.batch_size, settings.site, settings.service) == (
        9,
        "datadoghq.eu",
        "from-file",
    )


def test_an_empty_variable_counts_as_unset():
    assert load(environment={"GRANTEX_URL": ""}).url == Settings().url


def test_lists_in_the_file_become_tuples():
    assert load(text='types = ["grant.*"]\ntags = ["env:prod"]').types == ("grant.*",)


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("batch_size = ", "config.toml: ", "not TOML"),
        ("\n\nbatchsize = 5", "config.toml:3: ", "unknown key 'batchsize'"),
        ('site = "x"\nbatch_size = "many"', "config.toml:2: ", "batch_size: Expected `int`"),
        ("forward = 1", "config.toml:1: ", "forward: Expected `bool`"),
        ("dd_api_key = 5", "config.toml:1: ", "dd_api_key: Expected `str`"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(text, where, said):
    with pytest.raises(InvalidFileError) as raised:
        load(text=text)
    assert raised.value.message.startswith(where)
    assert said in raised.value.message


def test_a_misspelt_key_gets_the_nearest_one():
    with pytest.raises(InvalidFileError) as raised:
        load(text="batchsize = 5")
    assert raised.value.hint == "Did you mean batch_size?"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 1001}, "1 to 1000"),
        ({"batch_size": 0}, "1 to 1000"),
        ({"flush_interval": -1.0}, "negative"),
        ({"url": "ftp://x"}, "no HTTP address"),
        ({"url": "localhost:8787"}, "no HTTP address"),
        ({"url": "http://x:99999"}, "Port out of range"),
        ({"intake_url": "/var/run"}, "no HTTP address"),
        ({"tags": ["a:b,c:d"]}, "a:b,c:d"),
    ],
)
def test_a_value_out_of_range_is_refused(options, said):
    with pytest.raises(UsageError, match=said):
        load(options)


def test_a_url_with_credentials_is_refused_without_repeating_them():
    with pytest.raises(UsageError) as raised:
        load({"url": "https://user:hunter2@example.com"})
    assert "hunter2" not in str(raised.value)


def test_keys_do_not_show_in_the_settings():
    settings = load(environment={"GRANTEX_API_KEY": "gx_secret", "DD_API_KEY": "dd_secret"})
    assert settings.grantex_api_key == "gx_secret"
    assert "secret" not in repr(settings)


def no_file(path):
    raise AssertionError(path)


def test_a_missing_key_is_asked_for_by_name():
    answers = {"DD_API_KEY: ": "abc"}
    assert require_key("DD_API_KEY", "", read_file=no_file, ask=answers.__getitem__) == "abc"


def test_a_missing_key_with_nobody_to_ask_is_named():
    with pytest.raises(UsageError, match="GRANTEX_API_KEY is not set"):
        require_key("GRANTEX_API_KEY", "", read_file=no_file, ask=None)


def test_a_key_is_read_from_its_file_without_the_line_end():
    key = require_key("K", "", key_file="f", read_file=lambda path: f"{path}-key\n", ask=None)
    assert key == "f-key"


@pytest.mark.parametrize("key", ["a b", "a\nb", "schl\u00fcssel", "\x1b[31m"])
def test_a_key_that_no_header_can_carry_is_refused_without_repeating_it(key):
    with pytest.raises(UsageError) as raised:
        require_key("K", key, read_file=no_file, ask=None)
    assert key not in str(raised.value)
