"""Every command that the documentation shows is run, and what it shows of the output is compared.

A command that none of the rows of `WAYS` fits fails: what can't be tried is not promised.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from grantex_sim.service.app import serve_in_thread
from grantex_tui.settings import load_settings


pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EVENTS = 30
LOCAL = "localhost:8787"


@dataclass(frozen=True)
class Shown:
    """A command of a page, and the output that the page shows below it."""

    page: str
    line: int
    command: str
    output: str = ""

    def __str__(self):
        return f"{self.page}:{self.line}"

    @property
    def words(self):
        return shlex.split(self.command, comments=True)


def console_blocks(text):
    """Each ```console block: its first line's number, and its lines."""
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, block.start(1)) + 1, block[1].splitlines()


def commands_of(page, text):
    """The commands of *text* in order; a backslash at the end goes on in the next line."""
    shown = []
    for first, lines in console_blocks(text):
        joined = "\n".join(lines).replace("\\\n", "\0").split("\n")
        number = first
        for line in joined:
            if line.startswith("$ "):
                shown.append(Shown(page, number, re.sub(r"\0\s*", "", line[2:])))
            else:
                last = shown.pop()
                shown.append(
                    Shown(page, last.line, last.command, f"{last.output}{line}\n".lstrip("\n"))
                )
            number += 1 + line.count("\0")
    return shown


COMMANDS = [
    shown
    for path in PAGES
    for shown in commands_of(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
]


def assert_as_shown(shown, output):
    """What the page shows is what came; ``…`` stands for anything."""
    pattern = ".*?".join(map(re.escape, shown.output.strip().split("…")))
    assert re.fullmatch(pattern, output.strip(), re.DOTALL), output


@pytest.fixture
def simulator():
    payloads = (ROOT / "fixtures" / "grantex-events.ndjson").read_bytes().splitlines()
    with serve_in_thread(payloads=payloads) as simulator:
        yield simulator


@pytest.fixture
def shell(tmp_path, simulator):
    """Runs a command as a reader would: the checkout's commands on PATH, keys in the environment."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / ".local" / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
        "GRANTEX_URL": simulator.url,
        "GRANTEX_API_KEY": simulator.grantex_key,
        "DD_API_KEY": simulator.datadog_key,
    }

    def run(command, status=0):
        done = subprocess.run(
            command,
            shell=isinstance(command, str),
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == status, done.stderr
        return done

    return run


def try_make(shown, shell, simulator):
    """What make would do is looked at; to do it would be to run this suite inside itself."""
    does = {
        "demo": "grantex-tui demo",
        "test": "pytest",
        "dist": "hatchling build",
        "check": "mypy",
    }
    _, target = shown.words
    assert does[target] in shell(["make", "-n", target]).stdout
    if target == "demo":
        output = shell("grantex-tui demo --headless --json --rate 100 --events 50").stdout
        assert json.loads(output.splitlines()[-1])["summary"]["delivered"] == 50


def try_pip(shown, shell, simulator):
    """That the wheel installs is `test_packaging`'s; this is the place that make puts it in."""
    assert shown.words == ["pip", "install", "."]
    assert "hatchling build" in shell(["make", "-n", "dist"]).stdout


def try_export(shown, shell, simulator):
    """Every variable is one that the settings know."""
    variables = dict(word.split("=", 1) for word in shown.words[1:])
    settings = load_settings({}, variables, "", file_path="config.toml")
    assert set(variables) <= {"GRANTEX_URL", "GRANTEX_API_KEY", "DD_API_KEY", "DD_SITE"}
    assert settings != load_settings({}, {}, "", file_path="config.toml")


def try_watch(shown, shell, simulator):
    """Without a screen, for some events, to the simulator's intake instead of Datadog's."""
    words = shown.words
    for option in ("--site", "--intake-url"):
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
    if "--headless" not in words:
        words.append("--headless")
    done = shell([*words, "--intake-url", simulator.url, "--events", str(EVENTS)])
    assert simulator.wait_delivered(EVENTS)
    if "--json" in words:
        assert json.loads(done.stdout.splitlines()[-1])["summary"]["pending"] == 0


def try_serve(shown, shell, simulator):
    """On a free port; it says what the page says, and ends with 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "grantex_sim", *shown.words[1:], "--port", "0"],
        stdout=subprocess.PIPE,
        bufsize=0,  # so that nothing is left in a buffer when `communicate` goes on
        cwd=ROOT,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    said += process.communicate(timeout=60)[0]
    assert process.returncode == 0
    if shown.output:
        assert_as_shown(shown, re.sub(r"(?<=127\.0\.0\.1:)\d+", "8787", said.decode()))


def try_run(shown, shell, simulator):
    """With a client of ours for the forwarder, fewer events, and a shorter wait."""
    at = shown.words.index("--")
    client = ROOT / "tests" / "simulator" / "clients" / "programs" / "by_aiohttp.py"
    less = ("--events", str(EVENTS), "--speed", "0", "--settle", "500ms")
    done = shell([*shown.words[:at], *less, "--", sys.executable, str(client)])
    assert f"{EVENTS} emitted, {EVENTS} delivered" in done.stderr
    if shown.output:
        said = re.sub(r"(?<=127\.0\.0\.1:)\d+", "44223", done.stderr)
        assert_as_shown(shown, said.replace(f"{EVENTS} ", "10,000 "))


def try_curl(shown, shell, simulator):
    """Against the simulator that is there."""
    assert LOCAL in shown.command
    host = simulator.url.removeprefix("http://")
    done = shell(shlex.split(shown.command.replace(LOCAL, host)))
    assert {"emitted", "faults"} & json.loads(done.stdout).keys()


def try_jq(shown, shell, simulator):
    """Over the journal of a run."""
    shell([
        "grantex-tui", "watch", "--headless", "--events", "5", "--intake-url", simulator.url,
    ])  # fmt: skip
    assert shell(shown.command).stdout


def try_it(shown, shell, simulator):
    """As it stands."""
    done = shell(shown.command, status=3 if "mistakes" in shown.command else 0)
    if shown.output:
        assert_as_shown(shown, done.stdout)


def try_export_to(shown, shell, simulator):
    """In a folder of its own."""
    done = shell(f"cd $HOME && {shown.command}")
    assert " objects written to datadog" in done.stderr


def try_generate(shown, shell, simulator):
    """An hour of it, to where it says but in a folder of its own."""
    done = shell(f"cd $HOME && {shown.command.partition('#')[0]} --duration 1h")
    assert "events/s" in done.stderr
    assert (Path(shell("echo $HOME").stdout.strip()) / shown.words[-1]).stat().st_size


def try_check_scenario(shown, shell, simulator):
    """A copy of a bundled one."""
    shell(f"cd $HOME && grantex-sim show quiet > {shown.words[-1]} && {shown.command}")


def try_rehearse(shown, shell, simulator):
    """In a folder with what the page speaks of: recordings, a journal, a rehearsal, the checkout."""
    shell(
        f"cd $HOME && ln -sf {ROOT}/fixtures . && mkdir -p monitors"
        f" && cp {ROOT}/grantex_tui/pack/monitors/heartbeat.json monitors/"
        " && mkdir -p .local/state/grantex-tui/journal/one"
        " && grantex-sim generate two-weeks --duration 1h -o weeks.ndjson"
        " && cp weeks.ndjson .local/state/grantex-tui/journal/one/"
    )
    files = re.findall(r"^```yaml\n(version: 1\n.*?)^```$", (ROOT / shown.page).read_text("utf-8"), re.MULTILINE | re.DOTALL)  # fmt: skip
    home = Path(shell("echo $HOME").stdout.strip())
    for number, text in enumerate(files):
        if "scenario: silent-stream" in text:
            (home / f"{number}.rehearsal.yaml").write_text(text)
    done = shell(f"cd $HOME && COLUMNS=90 {shown.command}")
    if shown.output:
        assert_as_shown(shown, done.stdout)
    else:
        assert done.stdout or "--quiet" in shown.words


def try_assert(shown, shell, simulator):
    """Once everything has been delivered, and before."""
    there = f"{shown.command} --url {simulator.url}"
    assert "nothing was emitted" in shell(f"{there} --wait 0", status=1).stdout
    shell(["grantex-tui", "watch", "--headless", "--intake-url", simulator.url, "--events", "354"])
    assert shell(there).stdout.startswith("✓ 354 emitted, 354 delivered")


WAYS = {
    "make ": try_make,
    "pip install ": try_pip,
    "export ": try_export,
    "grantex-tui watch": try_watch,
    "grantex-sim serve": try_serve,
    "grantex-sim run ": try_run,
    "grantex-sim ca ": try_it,
    "curl ": try_curl,
    "jq ": try_jq,
    "grantex-tui search ": try_it,
    "grantex-tui check": try_it,
    "grantex-tui export ": try_export_to,
    "grantex-tui config": try_it,
    "grantex-sim list": try_it,
    "grantex-sim show": try_it,
    "grantex-sim generate ": try_generate,
    "grantex-sim check ": try_check_scenario,
    "grantex-sim assert ": try_assert,
    "grantex-tui rehearse": try_rehearse,
}


@pytest.mark.parametrize("shown", COMMANDS, ids=str)
def test_the_command_does_what_the_page_says(shown, shell, simulator):
    ways = [way for start, way in WAYS.items() if shown.command.startswith(start)]
    assert ways, f"{shown}: nothing here runs {shown.command!r}"
    tool = shown.words[0]
    if tool in ("curl", "jq", "make") and shutil.which(tool) is None:
        pytest.skip(f"{tool} is not on PATH")
    ways[0](shown, shell, simulator)


def test_the_readme_begins_with_the_two_commands_of_a_newcomer():
    assert [shown.command for shown in COMMANDS[:2]] == ["make demo", "make test"]


def test_commands_are_found_with_their_line_and_output():
    text = "# T\n\n```console\n$ a 'b c' \\\n    d\none\ntwo\n$ e\n```\n\n```sh\n$ f\n```\n"
    assert commands_of("p", text) == [Shown("p", 4, "a 'b c' d", "one\ntwo\n"), Shown("p", 8, "e")]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_names_no_make_target_that_there_is_not(page):
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", page.read_text("utf-8"))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_links_to_no_file_that_there_is_not(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
