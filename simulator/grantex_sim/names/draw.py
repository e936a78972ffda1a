"""Draw `names.json` anew: ``python -m grantex_sim.names.draw``. Generated events change with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from faker import Faker


_USERS: Final = 1_000
_SENTENCES: Final = 60
_DOMAINS: Final = ("example.com", "example.net", "example.org")
_HOSTILE: Final = (
    "user_\u001b[31mred\u001b[0m",
    "user_\u001b]0;title\u0007",
    "user_line\u2028separator",
    "user_next\u0085line",
    "user_[bold red]markup[/bold red]",
    "user_\u202egnp.exe",
    "user_two\nlines\ttabbed",
    "user_日本語_🦊",
)


def main() -> None:
    """Write the pool beside this module."""
    fake = Faker("en_US")
    fake.seed_instance(1)
    drawn = {
        "users": [fake.unique.user_name() for _ in range(_USERS)],
        "domains": _DOMAINS,
        "sentences": [fake.sentence(5) for _ in range(_SENTENCES)],
        "hostile": _HOSTILE,
    }
    text = json.dumps(drawn, indent=0)
    Path(__file__).with_name("names.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
