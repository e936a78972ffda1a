"""What a fault makes of one answer of the intake, and how it gets to the client, if it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_sim.faults.kinds.kind import Then, encoded
from grantex_sim.faults.outlet import Outlet


if TYPE_CHECKING:
    from grantex_sim.faults.model import Answer
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Headers, Response
    from grantex_sim.intake.contract import Verdict


def under_fault(fault: Answer, verdict: Verdict) -> Verdict:
    """The verdict that counts: entries are accepted unless the fault refuses or loses them."""
    status = fault.status or (307 if fault.redirect is not None else None)
    leaving = fault.leaving
    if leaving is not None and not leaving.is_accepted:
        return replace(verdict, status=0, reason=f"fault: {leaving.reason}")
    if status is not None and not 200 <= status < 300:
        return replace(verdict, status=status, reason=f"fault: status {status}")
    if verdict.status != 202:
        return verdict
    return replace(verdict, reason=f"fault: {_name(fault)}")


def _name(fault: Answer) -> str:
    """The fault that an accepted request met, in words."""
    said = {
        f"reset after {fault.reset_after_bytes} bytes": fault.reset_after_bytes is not None,
        f"status {fault.status}": fault.status is not None,
        "dribble": fault.dribble is not None,
        "slow read": fault.slow_read is not None,
        "key rotated": fault.key_rotated is not None,
        "delay": fault.delay > 0,
    }
    names = [name for name, holds in said.items() if holds] + [act.label for act in fault.acts]
    return ", ".join(names) or "another body"


def fault_headers(fault: Answer) -> Headers:
    """The headers that the fault adds."""
    found = list(fault.headers)
    if fault.redirect is not None:
        found.append(("location", fault.redirect))
    if fault.retry_after is not None:
        after = f"{fault.retry_after:g}"
        found += [("retry-after", after), ("x-ratelimit-reset", after)]
    return tuple(found)


async def put(fault: Answer, plain: Response, channel: Channel) -> None:
    """Give the client what the fault leaves of its answer."""
    leaving = fault.leaving
    if leaving is not None and leaving.then is Then.RESET:
        channel.reset()
    elif leaving is not None:
        channel.stream()
        await channel.gone.wait()
    else:
        outlet = Outlet(
            channel,
            dribble=fault.dribble,
            limit=fault.reset_after_bytes,
            on_limit=channel.reset,
        )
        data, is_last = encoded(plain, fault.acts)
        outlet.write(data)
        outlet.finish(channel.close if is_last else lambda: None)
        await outlet.ended.wait()
