from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


FIXTURES = Path(__file__).parents[2] / "fixtures"
HEAVY = ("textual", "rich", "httpx", "aiohttp", "asyncio", "msgspec", "yaml", "importlib.metadata")
PROBE = """
import sys
from grantex_tui.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("LOADED", *(name for name in {heavy!r} if name in sys.modules))
"""


@pytest.mark.parametrize("argv", [["--help"], ["watch", "--help"], ["demo", "--help"]])
def test_help_loads_nothing_heavy(argv):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(heavy=HEAVY), *argv],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "LOADED"
    assert "usage: grantex-tui" in done.stdout


def run(*argv: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "grantex_tui", *argv],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **env},
        check=False,
    )


def test_version_is_printed():
    assert run("--version").stdout.startswith("grantex-tui 0.")


def test_no_command_prints_the_help_and_is_a_usage_error():
    done = run()
    assert done.returncode == 2
    assert "watch" in done.stdout


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["watch"], "the dashboard needs a terminal"),
        (["watch", "--json"], "Add --headless"),
        (["watch", "--headless"], "GRANTEX_API_KEY is not set"),
        (["watch", "--headless", "--batch-size", "0"], "from 1 up"),
        (["watch", "--headless", "--for", "soon"], "soon"),
        (["watch", "--headless", "--site", "x", "--intake-url", "http://y"], "not allowed with"),
        (["watch", "--headless", "--journal", "x", "--no-journal"], "not allowed with"),
        (["watch", "--headless", "--compression", "brotli"], "brotli"),
        (["demo"], "the dashboard needs a terminal"),
        (["wtach"], "invalid choice"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(argv, said):
    done = run(*argv)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_datadog_key_is_asked_for_before_anything_connects():
    done = run("watch", "--headless", GRANTEX_API_KEY="gx_0123456789abcdef")
    assert (done.returncode, "DD_API_KEY is not set" in done.stderr) == (2, True)


def test_an_unknown_site_is_refused_with_the_list():
    done = run("watch", "--headless", "--site", "datadog.com", GRANTEX_API_KEY="g", DD_API_KEY="d")
    assert done.returncode == 2
    assert "datadoghq.eu" in done.stderr


def test_a_bad_settings_file_exits_3_with_its_line(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("\nbatchsize = 5\n")
    done = run("watch", "--headless", "--config", str(config))
    assert done.returncode == 3
    assert f"{config}:2: unknown key 'batchsize'" in done.stderr


def test_a_named_settings_file_must_exist(tmp_path):
    done = run("watch", "--headless", GRANTEX_TUI_CONFIG=str(tmp_path / "none.toml"))
    assert (done.returncode, "can't be read" in done.stderr) == (3, True)


def test_a_key_given_as_an_option_is_warned_about_and_not_repeated():
    done = run("watch", "--headless", "--grantex-api-key", "gx_sesame", "--site", "nowhere")
    assert "can be seen by other users" in done.stderr
    assert "gx_sesame" not in done.stdout + done.stderr


@pytest.mark.parametrize("argv", [["rehearse", "--help"], ["rehearse", "sweep", "--help"]])
def test_what_the_encoding_does_not_have_is_escaped(argv):
    done = run(*argv, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: grantex-tui rehearse" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "command",
    [["check"], ["search", "", str(FIXTURES / "grantex-events.ndjson")]],
    ids=lambda words: words[0],
)
def test_a_full_disk_behind_stdout_is_said_in_one_line(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "grantex_tui", *command],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "can't write" in done.stderr


def test_a_closed_stdout_is_no_error():
    command = f"{sys.executable} -m grantex_tui check >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_a_user_without_a_home_needs_only_name_a_journal(tmp_path):
    """Containers run as users that nobody has heard of."""
    code = (
        "import platformdirs, sys\n"
        "def homeless(*_): raise RuntimeError('could not determine the home directory')\n"
        "platformdirs.user_config_path = platformdirs.user_state_path = homeless\n"
        "from grantex_tui.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    env = {"PATH": os.environ["PATH"], "GRANTEX_API_KEY": "k", "DD_API_KEY": "k" * 32}
    for words, says in (
        (["watch", "--headless", "--url", "http://127.0.0.1:1"], "--journal DIR"),
        (["status"], "--journal DIR"),
        (["status", str(tmp_path)], "no `watch` is running"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert says in done.stderr
        assert "Traceback" not in done.stderr
