"""`grantex-tui watch` as a process of its own: started, listened to, ended."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Self


KEYS = {
    "GRANTEX_API_KEY": "grantex-key-0123456789abcdef",
    "DD_API_KEY": "0123456789abcdef0123456789abcdef",
}


class Watch:
    """``async with Watch(folder, source.url, sink.url)``: headless, JSON summary on stdout.

    Lines of stderr are kept with the time at which each came.
    """

    def __init__(self, folder: Path, url: str, intake: str, *options: str, **env: str) -> None:
        self._command = (
            sys.executable, "-m", "grantex_tui", "watch", "--headless", "--json", "--no-monitors",
            "--url", url, "--intake-url", intake, "--journal", str(folder / "journal"), *options,
        )  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        self._env = {**clean, **KEYS, **env}
        self.said: list[tuple[float, str]] = []
        self.out: list[bytes] = []

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            *self._command, env=self._env, limit=1 << 24,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._readers = [asyncio.create_task(self._hear()), asyncio.create_task(self._keep())]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await asyncio.gather(*self._readers)

    async def _hear(self) -> None:
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.said.append((time.monotonic(), line.decode("utf-8", "replace").rstrip()))

    async def _keep(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.out.append(line)

    @property
    def stderr(self) -> str:
        return "\n".join(line for _, line in self.said)

    async def says(self, *words: str) -> str:
        """Wait for a line of stderr with all these words."""
        heard = 0
        while True:
            for _, line in self.said[heard:]:
                heard += 1
                if all(word in line for word in words):
                    return line
            await asyncio.sleep(0.02)

    async def end(self, number: int = signal.SIGTERM, within: float = 30.0) -> dict[str, object]:
        """Send a signal, wait for the end, and give the summary."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        await asyncio.wait_for(self.process.wait(), within)
        await asyncio.gather(*self._readers)
        return self.summary

    @property
    def summary(self) -> dict[str, object]:
        last: dict[str, dict[str, object]] = json.loads(self.out[-1])
        return last["summary"]
