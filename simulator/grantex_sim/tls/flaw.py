"""What can be wrong with a certificate, on purpose."""

from __future__ import annotations

from enum import StrEnum


class Flaw(StrEnum):
    """What is wrong with it."""

    NONE = ""
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_HOST = "wrong_host"
    UNKNOWN_CA = "unknown_ca"
    """From an authority of the same name that nobody knows."""
    SELF_SIGNED = "self_signed"
