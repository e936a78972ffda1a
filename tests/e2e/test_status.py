"""`grantex-tui status` and a scrape, of a real run."""

from __future__ import annotations

import asyncio
import json
import sys

from tests.reliability.intake import says
from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import Source


async def command(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "grantex_tui", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_running_watch_says_how_it_stands_and_one_that_has_ended_says_nothing(tmp_path):
    journal = str(tmp_path / "journal")
    async with (
        asyncio.timeout(60),
        Source(rate=200, count=20) as source,
        Sink(says(503, b"{}")) as sink,
        Watch(
            tmp_path, source.url, sink.url, "--flush-interval", "0.1", "--listen", "0",
        ) as watch,
    ):  # fmt: skip
        await source.connected("sse")
        source.emitting.set()
        await watch.says("retrying")
        code, out, _ = await command("status", "--wait", "10", "--json", journal)
        status = json.loads(out)
        assert (code, status["ready"], status["received"]) == (0, True, 20)
        assert status["delivery"]["pending"] == 20
        assert status["delivery"]["state"] == "retrying"
        code, out, _ = await command("status", journal)
        assert code == 0
        assert "pending 20" in out
        assert "process" in out
        code, out, _ = await command("status", "--metrics", journal)
        assert 'grantex_tui_answers_total{status="503",verdict="retry"}' in out
        assert 'grantex_tui_trouble{about="delivery"' in out
        await watch.end()
    code, out, err = await command("status", journal)
    assert (code, out) == (1, "")
    assert "no `watch` is running with a journal in" in err
    assert watch.stderr.count("metrics on http://127.0.0.1:") == 1
