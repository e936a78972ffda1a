from __future__ import annotations

import pytest

from grantex_tui.datadog.sites import SITES, find_site
from grantex_tui.errors import ExitCode, UsageError


@pytest.mark.parametrize(
    ("name", "intake"),
    [
        ("datadoghq.com", "http-intake.logs.datadoghq.com"),
        ("us3.datadoghq.com", "http-intake.logs.us3.datadoghq.com"),
        ("us5.datadoghq.com", "http-intake.logs.us5.datadoghq.com"),
        ("datadoghq.eu", "http-intake.logs.datadoghq.eu"),
        ("ap1.datadoghq.com", "http-intake.logs.ap1.datadoghq.com"),
        ("ap2.datadoghq.com", "http-intake.logs.ap2.datadoghq.com"),
        ("uk1.datadoghq.com", "http-intake.logs.uk1.datadoghq.com"),
        ("ddog-gov.com", "http-intake.logs.ddog-gov.com"),
        ("us2.ddog-gov.com", "http-intake.logs.us2.ddog-gov.com"),
    ],
)
def test_each_site_has_its_hosts(name: str, intake: str) -> None:
    site = find_site(name)
    assert site.intake_url == f"https://{intake}/api/v2/logs"


@pytest.mark.parametrize("name", ["EU1", "eu1", " datadoghq.eu ", "DATADOGHQ.EU"])
def test_a_site_is_known_by_domain_and_region_in_any_case(name: str) -> None:
    assert find_site(name).domain == "datadoghq.eu"


@pytest.mark.parametrize("name", ["", "datadog.com", "app.datadoghq.eu", "https://datadoghq.eu"])
def test_an_unknown_site_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_site(name)
    assert repr(name) in caught.value.message
    assert all(site.domain in caught.value.hint for site in SITES)
    assert caught.value.exit_code is ExitCode.USAGE
