"""Datadog's sites: where each takes logs, and where its API is.

Source: the server list of datadog-api-client (``v2/api/logs_api.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

from grantex_tui.errors import UsageError


INTAKE_PATH = "/api/v2/logs"
DEFAULT_SITE = "datadoghq.com"


@dataclass(frozen=True, slots=True)
class Site:
    """One of Datadog's regions."""

    region: str
    domain: str
    """What ``DD_SITE`` holds."""

    @property
    def intake_url(self) -> str:
        """Where logs are posted."""
        return f"https://http-intake.logs.{self.domain}{INTAKE_PATH}"


SITES = (
    Site("US1", "datadoghq.com"),
    Site("US3", "us3.datadoghq.com"),
    Site("US5", "us5.datadoghq.com"),
    Site("EU1", "datadoghq.eu"),
    Site("AP1", "ap1.datadoghq.com"),
    Site("AP2", "ap2.datadoghq.com"),
    Site("UK1", "uk1.datadoghq.com"),
    Site("US1-FED", "ddog-gov.com"),
    Site("US2-FED", "us2.ddog-gov.com"),
)


def find_site(name: str) -> Site:
    """The site with that domain (``datadoghq.eu``) or region (``EU1``), in any case.

    Raises:
        UsageError: There is none; the error lists them all.
    """
    wanted = name.strip().casefold()
    for site in SITES:
        if wanted in (site.domain, site.region.casefold()):
            return site
    known = ", ".join(f"{site.domain} ({site.region})" for site in SITES)
    raise UsageError(f"{name!r} is not a Datadog site", hint=f"The sites are {known}.")
