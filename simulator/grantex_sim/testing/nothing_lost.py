"""`assert_nothing_lost`: the ledger's verdict as an assertion, for any simulator that runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from grantex_sim.account.causes import causes
from grantex_sim.account.expected import Expected, summary
from grantex_sim.account.verdicts import SETTLE
from grantex_sim.testing.remote import Remote


if TYPE_CHECKING:
    from grantex_sim.account.report import Report
    from grantex_sim.service.app import RunningSimulator

DEFAULT_URL: Final = "http://127.0.0.1:8787"


def assert_nothing_lost(
    simulator: RunningSimulator | str | None = None,
    *,
    settle_s: float = SETTLE,
    timeout_s: float = 10.0,
) -> Report:
    """Every event that a client heard whole has been delivered, waiting for it if need be.

    Args:
        simulator: One that runs, or its address; None: ``GRANTEX_SIM_URL``, or port 8787 here.
        settle_s: How long a forwarder may take for what it has heard.
        timeout_s: How long to wait at most, besides.

    Raises:
        AssertionError: With the ids of what is lost; or nothing was emitted, or nobody listened.
        UnreachableError: Nobody answers there.
    """
    __tracebackhide__ = True
    if simulator is None:
        url = os.environ.get("GRANTEX_SIM_URL") or DEFAULT_URL
    else:
        url = simulator if isinstance(simulator, str) else simulator.url
    return nothing_lost(Remote(url), settle_s=settle_s, timeout_s=timeout_s)


def nothing_lost(remote: Remote, *, settle_s: float, timeout_s: float) -> Report:
    """The account of *remote*, in which nothing is lost.

    Raises:
        AssertionError: Something is, or nothing is proved.
    """
    __tracebackhide__ = True
    report = remote.judged(timeout_s, settle_s)
    broken = Expected(max_lost=0).broken_by(report)
    if broken:
        raise AssertionError("\n".join([*map(str, broken), summary(report), *causes(report)]))
    return report
