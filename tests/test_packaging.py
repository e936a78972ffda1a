"""The wheel, as somebody gets it who has never seen this checkout."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grantex_tui.cli.main import main
from grantex_tui.pack.examples import FILES


pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
SOURCES = [
    path.relative_to(folder).as_posix()
    for folder, package in ((ROOT, "grantex_tui"), (ROOT / "simulator", "grantex_sim"))
    for path in sorted((folder / package).rglob("*"))
    if path.is_file() and path.suffix != ".pyc"
]


def run(*command, **environment):
    return subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", directory],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def entry_points(wheel, names):
    (path,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    parser = configparser.ConfigParser(delimiters="=")
    with zipfile.ZipFile(wheel) as archive:
        parser.read_string(archive.read(path).decode())
    return {section: dict(parser[section]) for section in parser.sections()}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder it was installed into; what it depends on comes from this environment."""
    site = tmp_path_factory.mktemp("site")
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
        "--disable-pip-version-check", "--target", site, wheel,
    )  # fmt: skip
    return site


def test_the_wheel_holds_every_file_of_both_packages(names):
    assert [name for name in SOURCES if name not in names] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "grantex_tui/py.typed",
        "grantex_sim/py.typed",
        "grantex_tui/tui/*.tcss",
        "grantex_tui/pack/pipeline.json",
        "grantex_tui/pack/metric.json",
        "grantex_tui/pack/monitors/*.json",
        "grantex_tui/pack/examples/rehearsals/edges/*.ndjson",
    ],
)
def test_the_wheel_holds_the_data_that_the_commands_read(names, pattern):
    assert any(Path(name).match(pattern) for name in names)


def test_the_wheel_holds_nothing_else(names):
    others = {name.split("/")[0] for name in names} - {"grantex_tui", "grantex_sim"}
    assert [name for name in others if not name.endswith(".dist-info")] == []


def test_there_are_two_commands(entry_points):
    assert set(entry_points["console_scripts"]) == {"grantex-tui", "grantex-sim"}


def test_every_entry_point_names_a_module_of_the_wheel(entry_points, names):
    modules = [
        target.partition(":")[0].replace(".", "/")
        for section in entry_points.values()
        for target in section.values()
    ]
    assert [m for m in modules if not {f"{m}.py", f"{m}/__init__.py"} & names] == []


def test_a_pytest_plugin_that_is_there_is_offered(entry_points, names):
    assert ("pytest11" in entry_points) == ("grantex_sim/testing/pytest_plugin.py" in names)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["grantex-tui", "--version"], "grantex-tui 0."),
        (["grantex-tui", "check"], "pack/monitors/heartbeat.json"),
        (["grantex-sim", "--help"], "usage: grantex-sim"),
    ],
    ids=" ".join,
)
def test_the_installed_commands_work_away_from_the_checkout(
    installed, tmp_path, monkeypatch, command, says
):
    monkeypatch.chdir(tmp_path)
    script = installed / "bin" / command[0]
    done = run(sys.executable, script, *command[1:], PYTHONPATH=str(installed))
    assert says in done.stdout


def test_what_runs_then_is_the_installed_code(installed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    probe = "import grantex_tui, grantex_sim; print(grantex_tui.__file__, grantex_sim.__file__)"
    done = run(sys.executable, "-c", probe, PYTHONPATH=str(installed))
    assert all(Path(file).is_relative_to(installed) for file in done.stdout.split())


def test_the_pages_commands_work_in_an_empty_folder(installed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, says in (
        (["examples"], f"{len(FILES)} files in fixtures"),
        (["examples"], f"{len(FILES)} files in fixtures"),  # again: they are the same
        (["search", "type:grant.*", "fixtures/grantex-events.ndjson", "--count"], ""),
        (["check", "fixtures/monitors/revocations.yaml"], "revocations.yaml"),
        (["rehearse", "fixtures/rehearsals/edges.rehearsal.yaml"], " 0 failed in "),
    ):
        script = installed / "bin" / "grantex-tui"
        assert says in run(sys.executable, script, *words, PYTHONPATH=str(installed)).stdout
    assert {path.relative_to("fixtures").as_posix() for path in Path("fixtures").rglob("*.*")} == {
        *FILES
    }


def test_an_example_never_takes_the_place_of_another_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / FILES[0]).write_text("mine")
    assert main(["examples", "."]) == 2
    assert "Nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [FILES[0]]
