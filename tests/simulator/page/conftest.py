"""A headless Chromium, driven over its DevTools protocol: what a test sees is what a person would."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from websockets.sync.client import connect


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection


GUARD = 60.0
"""Seconds after which a test that hangs fails."""
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--disable-site-isolation-trials",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    "--remote-debugging-port=0", "--window-size=1200,900",
)  # fmt: skip


class Tab:
    """One page in a browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._socket = connection
        self._numbers = itertools.count(1)
        self.errors: list[str] = []
        """What the page's scripts complained about, refused requests included."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> Any:
        said = self._ask(method, parameters)
        assert "error" not in said, said
        return said["result"]

    def _ask(self, method: str, parameters: dict[str, object]) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (said := self._next()).get("id") != number:
            pass
        return said

    def _next(self) -> Any:
        said = json.loads(self._socket.recv(timeout=GUARD))
        if said.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.errors.append(json.dumps(said["params"]))
        return said

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href.startsWith({url!r})")

    def evaluate(self, script: str) -> object:
        said = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a script's *condition* holds, asking every few frames.

        While a page gives way to another one there is nobody to ask: that is asked again, too.
        """
        look = f"new Promise(say => setTimeout(() => say(Boolean({condition})), 20))"
        asked = {"expression": look, "returnByValue": True, "awaitPromise": True}
        deadline = time.monotonic() + GUARD
        while time.monotonic() < deadline:
            said = self._ask("Runtime.evaluate", asked)
            if said.get("result", {}).get("result", {}).get("value") is True:
                return
        raise AssertionError(f"never came true: {condition}")

    def text(self, selector: str) -> str:
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def type(self, selector: str, text: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    """A fresh browser with one tab; skipped where there is none."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)  # fmt: skip
    if program is None:
        pytest.skip("no Chromium on this machine")
    arguments = [program, *_FLAGS, f"--user-data-dir={tmp_path / 'browser'}", "about:blank"]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as browser:
        try:
            assert browser.stderr is not None
            found = None
            while found is None:
                said = browser.stderr.readline()
                assert said, "the browser ended"
                found = re.search(r"DevTools listening on ws://([^/]+)/", said)
            with urllib.request.urlopen(f"http://{found[1]}/json/list", timeout=GUARD) as answer:
                pages = [page for page in json.load(answer) if page["type"] == "page"]
            address = pages[0]["webSocketDebuggerUrl"]
            with connect(address, open_timeout=GUARD, max_size=None) as connection:
                yield Tab(connection)
        finally:
            browser.kill()
            assert browser.stderr is not None
            browser.stderr.close()
