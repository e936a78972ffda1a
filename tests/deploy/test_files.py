"""The files in deploy/ fit the program: options, settings and pages that they name are there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from grantex_sim.commands.main import build_parser as simulator_parser
from grantex_tui.cli.main import build_parser
from grantex_tui.settings import parse_settings_file


DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
UNIT = (DEPLOY / "grantex-tui.service").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
OBJECTS = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
CONTAINER = OBJECTS[1]["spec"]["template"]["spec"]["containers"][0]


def line(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    assert found is not None, pattern
    return found[1]


@pytest.mark.parametrize(
    "words",
    [
        json.loads(line(r"^CMD (\[.*\])$", DOCKERFILE)),
        json.loads(line(r"HEALTHCHECK .*CMD (\[.*\])$", DOCKERFILE))[1:],
        COMPOSE["watch"]["command"],
        CONTAINER["args"],
        shlex.split(line(r"^ExecStart=(.*)$", UNIT))[1:],
    ],
    ids=["image", "its health", "compose", "kubernetes", "systemd"],
)
def test_every_command_is_one_that_the_program_takes(words):
    assert callable(build_parser().parse_args(words).run)


def test_the_simulators_command_is_one_that_it_takes():
    assert simulator_parser().parse_args(COMPOSE["simulator"]["command"]).port == 8787


def test_the_config_maps_settings_are_settings():
    text = OBJECTS[0]["data"]["config.toml"]
    assert parse_settings_file(text, path="config.toml")["listen"] == ("0.0.0.0:9464",)


def test_what_the_image_copies_is_there():
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        for name in line.split():
            assert (DEPLOY.parent / name).exists(), name


def test_nothing_runs_as_root_or_writes_outside_its_volumes():
    assert DOCKERFILE.index("USER grantex") < DOCKERFILE.index("ENTRYPOINT")
    assert COMPOSE["watch"]["read_only"]
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"]
    for setting in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert setting in UNIT
