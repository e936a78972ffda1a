"""What a fault makes of one answer of the intake, and how it gets to the client, if it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_sim.faults.outlet import Outlet
from grantex_sim.http.wire import head_bytes


if TYPE_CHECKING:
    from grantex_sim.faults.model import Answer
    from grantex_sim.http.server import Channel
    from grantex_sim.http.wire import Headers, Response
    from grantex_sim.intake.contract import Verdict


def under_fault(fault: Answer, verdict: Verdict) -> Verdict:
    """The verdict that counts: entries are accepted unless the fault refuses or loses them."""
    status = fault.status or (307 if fault.redirect is not None else None)
    if fault.reset is not None or fault.half_open:
        what = "half-open" if fault.half_open else "reset after reading"
        return replace(verdict, status=0, reason=f"fault: {what}")
    if status is not None and not 200 <= status < 300:
        return replace(verdict, status=status, reason=f"fault: status {status}")
    if verdict.status != 202:
        return verdict
    return replace(verdict, reason=f"fault: {_name(fault)}")


def _name(fault: Answer) -> str:
    """The fault that an accepted request met, in words."""
    said = {
        "lost 202": fault.lost_202 is not None,
        f"reset after {fault.reset_after_bytes} bytes": fault.reset_after_bytes is not None,
        f"status {fault.status}": fault.status is not None,
        "bad chunk": fault.bad_chunk,
        "wrong MIME type": fault.wrong_mime is not None,
        "empty body": fault.empty_body,
        "dribble": fault.dribble is not None,
        "slow read": fault.slow_read is not None,
        "key rotated": fault.key_rotated is not None,
        "delay": fault.delay > 0,
    }
    return ", ".join(name for name, holds in said.items() if holds) or "another body"


def fault_headers(fault: Answer) -> Headers:
    """The headers that the fault adds."""
    found = list(fault.headers)
    if fault.redirect is not None:
        found.append(("location", fault.redirect))
    if fault.retry_after is not None:
        after = f"{fault.retry_after:g}"
        found += [("retry-after", after), ("x-ratelimit-reset", after)]
    return tuple(found)


def answer_bytes(fault: Answer, plain: Response) -> bytes:
    """The answer as the fault has it."""
    if fault.wrong_mime is not None:
        headers = tuple(
            (name, fault.wrong_mime if name == "content-type" else value)
            for name, value in plain.headers
        )
        plain = replace(plain, headers=headers)
    if fault.empty_body:
        plain = replace(plain, body=b"")
    if not fault.bad_chunk:
        return plain.encode()
    coding = ("transfer-encoding", "chunked")
    head = head_bytes(plain.status, (*plain.headers, coding, *plain.more))
    return head + b"zz\r\n" + plain.body + b"\r\n0\r\n\r\n"


async def put(fault: Answer, plain: Response, channel: Channel) -> None:
    """Give the client what the fault leaves of its answer."""
    if fault.reset is not None or fault.lost_202 == "reset":
        channel.reset()
    elif fault.half_open or fault.lost_202 == "hang":
        channel.stream()
        await channel.gone.wait()
    else:
        outlet = Outlet(
            channel,
            dribble=fault.dribble,
            limit=fault.reset_after_bytes,
            on_limit=channel.reset,
        )
        outlet.write(answer_bytes(fault, plain))
        outlet.finish(channel.close if fault.bad_chunk else lambda: None)
        await outlet.ended.wait()
