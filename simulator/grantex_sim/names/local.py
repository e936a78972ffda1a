"""Names of a locale, drawn from Faker when a scenario asks for them.

Faker takes 60 ms to import and its draws may change with its version, so the default names are
fixed (`names.json`), and it is loaded only for a scenario with a `locale`.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from grantex_sim.names import NamePool, name_pool


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PEOPLE: Final = 200
"""Beyond that names get a number."""
_COMPANIES: Final = 12
_SERVICES: Final = 6
_SENTENCES: Final = 30
_TRIES: Final = 20
"""Draws for each name: small locales repeat theirs."""


def locales() -> frozenset[str]:
    """The locales that there are, such as ``de_DE``."""
    from faker.config import AVAILABLE_LOCALES

    return frozenset(AVAILABLE_LOCALES)


@cache
def local_pool(locale: str, seed: int) -> NamePool:
    """People, their companies' mail domains, services and sentences of *locale*.

    The same seed gives the same names with the same version of Faker. Domains end in ``.example``,
    which belongs to nobody (RFC 2606).
    """
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(seed)
    return NamePool(
        users=_different(fake.user_name, _PEOPLE),
        domains=tuple(f"{each}.example" for each in _different(fake.domain_word, _COMPANIES)),
        sentences=_different(lambda: fake.sentence(5), _SENTENCES),
        services=_different(fake.domain_word, _SERVICES),
        hostile=name_pool().hostile,
    )


def _different(draw: Callable[[], str], count: int) -> tuple[str, ...]:
    """As many different draws, or as many as turn up."""
    return tuple(islice(_first_seen(draw() for _ in range(count * _TRIES)), count))


def _first_seen(texts: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text
