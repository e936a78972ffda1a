"""A kind of fault is one module: put into the folder, it is read, told, done and accounted for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grantex_sim
import grantex_tui
from grantex_sim.faults import End
from grantex_sim.faults.kinds.registry import registered


PAGE = (Path(__file__).parents[3] / "docs" / "faults.md").read_text()
(MODULE,) = re.findall(r"```python\n([^`]*KIND: Final.*?)```", PAGE, re.DOTALL)
USE = """
import socket
from grantex_sim import serve_in_thread
from grantex_sim.faults import FaultError, parse_fault_text
from grantex_sim.faults.text import fault_text

line = "stream in-capitals id=evt_1"
print(fault_text(parse_fault_text(line)))
try:
    parse_fault_text("stream in-capitls")
except FaultError as error:
    print(error.hint)
with serve_in_thread(payloads=[b'{"id":"evt_1"}', b'{"id":"evt_2"}'], faults=[line]) as simulator:
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        head = f"GET /v1/events/stream HTTP/1.0\\r\\nAuthorization: Bearer {simulator.grantex_key}"
        client.sendall(head.encode() + b"\\r\\n\\r\\n")
        data = b""
        while b"evt_2" not in data:
            data += client.recv(65536)
print(data.partition(b"data: ")[2].split(b"\\n")[0].decode())
"""


def test_a_new_kind_is_one_new_module_and_no_old_one_knows_it(tmp_path):
    package = tmp_path / "grantex_sim"
    shutil.copytree(
        Path(grantex_sim.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    (package / "faults" / "kinds" / "in_capitals.py").write_text(MODULE)
    path = os.pathsep.join([str(tmp_path), str(Path(grantex_tui.__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", USE],
        check=False,
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "stream id=evt_1 in-capitals",
        "Did you mean `in-capitals`?",
        '{"ID":"EVT_1"}',
    ]


def test_each_kind_stands_in_the_module_of_its_name():
    folder = Path(grantex_sim.__file__).parent / "faults" / "kinds"
    modules = [path.stem for path in folder.rglob("*.py")]
    others = {"__init__", "kind", "registry"}
    words = sorted(kind.word for kind in registered())
    assert words == sorted(name for name in modules if name not in others)


def test_each_end_has_its_module():
    assert {kind.word for kind in registered() if kind.ending} == {end.value for end in End}
