"""The forwarder that everybody writes first, to measure against: read, fill a batch, await a POST.

    naive.py STREAM_URL INTAKE_URL COUNT

It is built as Grantex's own Node package is: batches of 100, each POST awaited inside the read
loop, no retry, no journal, no compression.
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx
from httpx_sse import aconnect_sse


async def forward(stream_url: str, intake_url: str, count: int) -> None:
    async with httpx.AsyncClient(timeout=None) as client:
        batch: list[dict[str, str]] = []
        seen = 0
        async with aconnect_sse(client, "GET", stream_url) as source:
            async for event in source.aiter_sse():
                kind = json.loads(event.data)["type"]
                batch.append(
                    {
                        "ddsource": "grantex",
                        "ddtags": f"type:{kind}",
                        "hostname": "grantex-auth-service",
                        "message": event.data,
                        "service": "grantex",
                    }
                )
                seen += 1
                if len(batch) == 100 or seen == count:
                    await client.post(intake_url, json=batch, headers={"DD-API-KEY": "k"})
                    batch = []
                if seen == count:
                    return


if __name__ == "__main__":
    asyncio.run(forward(sys.argv[1], sys.argv[2], int(sys.argv[3])))
