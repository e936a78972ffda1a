import asyncio

import aiohttp
from batches import DATADOG, GRANTEX, INTAKE, MOST, STREAM, Events


async def is_delivered(http, batch) -> bool:
    try:
        async with http.post(INTAKE, json=batch, headers=DATADOG) as answer:
            return answer.status == 202
    except aiohttp.ClientError:
        return False


async def main() -> None:
    """Neither session is told of a proxy: by default aiohttp takes none from the environment."""
    events = Events()
    async with aiohttp.ClientSession() as http, http.get(STREAM, headers=GRANTEX) as answer:
        async for data in answer.content.iter_any():
            entries = events.of(data)
            for at in range(0, len(entries), MOST):
                while not await is_delivered(http, entries[at : at + MOST]):
                    pass


asyncio.run(main())
