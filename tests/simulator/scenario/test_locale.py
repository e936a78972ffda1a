from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grantex_sim.names import name_pool
from grantex_sim.names.local import local_pool, locales
from grantex_sim.scenario import read_scenario, scenario_events
from grantex_tui.errors import InvalidFileError


def payloads(seed: int, extra: str = "") -> list[str]:
    text = (
        f"seed: {seed}\nduration: 60s\n{extra}\n"
        "phases: [{rate: 5, mix: {sso.login: 1, vault.credential.stored: 1}}]"
    )
    scenario = read_scenario(text, path="test.yaml", name="test")
    return [event.payload.decode() for event in scenario_events(scenario)]


def test_a_locale_names_people_companies_and_services_by_the_seed():
    first = payloads(7, "locale: de_DE")
    assert first == payloads(7, "locale: de_DE")
    assert first != payloads(8, "locale: de_DE") != payloads(7, "locale: ja_JP")
    data = [json.loads(payload)["data"] for payload in first]
    emails = {each["email"] for each in data if each.get("email")}
    services = {each["service"] for each in data if "service" in each}
    assert emails
    assert all(email.endswith(".example") for email in emails)
    assert services
    assert services.isdisjoint(name_pool().services)


@pytest.mark.parametrize("locale", ["de_DE", "ja_JP", "pt_BR", "ar_SA"])
def test_the_names_of_a_locale_differ_and_go_into_addresses(locale):
    pool = local_pool(locale, 3)
    for names in (pool.users, pool.domains, pool.services):
        assert len(set(names)) == len(names) >= 5
        assert all(name.isascii() and name.isprintable() for name in names)
    assert pool.hostile == name_pool().hostile


def test_a_locale_that_is_none_is_a_mistake_with_the_nearest():
    assert "de_DE" in locales()
    with pytest.raises(InvalidFileError, match=r"'de_De' is not a locale .* did you mean de_DE"):
        payloads(1, "locale: de_De")


def test_without_a_locale_faker_is_not_even_imported():
    probe = (
        "import sys; from grantex_sim.scenario import read_scenario, scenario_events;"
        "s = read_scenario('duration: 9s\\nphases: [{rate: 5}]', path='x', name='x');"
        "print(len(list(scenario_events(s))) > 20, 'faker' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
