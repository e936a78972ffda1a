from __future__ import annotations

import pytest

from grantex_tui.errors import UsageError
from grantex_tui.network.addresses import base_address, check_url, is_open, is_remote


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.grantex.dev", "https://api.grantex.dev"),
        ("https://API.Grantex.dev/", "https://api.grantex.dev"),
        ("https://api.grantex.dev:443", "https://api.grantex.dev"),
        ("http://api.grantex.dev:80/", "http://api.grantex.dev"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("https://api.grantex.dev/v1", "https://api.grantex.dev"),
        ("https://api.grantex.dev/v1/", "https://api.grantex.dev"),
        ("https://api.grantex.dev//v1//", "https://api.grantex.dev"),
        ("https://api.grantex.dev/v1/events", "https://api.grantex.dev"),
        ("https://api.grantex.dev/v1/events/stream", "https://api.grantex.dev"),
        ("https://api.grantex.dev/v1/events/ws/", "https://api.grantex.dev"),
        ("https://api.grantex.dev?since=1#top", "https://api.grantex.dev"),
        ("https://gateway.example/grantex/v1", "https://gateway.example/grantex"),
        ("https://gateway.example/v1x", "https://gateway.example/v1x"),
        ("http://[::1]:8787/", "http://[::1]:8787"),
    ],
)
def test_every_spelling_of_an_address_is_one(given: str, base: str) -> None:
    assert base_address(given, "--url") == base
    assert base_address(base, "--url") == base


def test_a_filter_in_the_query_is_not_dropped_in_silence() -> None:
    with pytest.raises(UsageError, match=r"types=a"):
        base_address("https://api.grantex.dev/v1/events/stream?types=a", "--url")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no HTTP address"),
        ("api.grantex.dev", "no HTTP address"),
        ("ftp://api.grantex.dev", "no HTTP address"),
        ("https://", "no HTTP address"),
        ("http://a..b", "between two dots"),
        ("http://.a", "between two dots"),
        (f"http://{'x' * 70}.example", "over 63 characters"),
        (f"http://{'abcdefg.' * 40}example", "over 63 characters"),
        ("http://xn--a", "no valid international one"),
        ("http://\u2603.example", "no valid international one"),
        ("http://a b", "a blank or a control character"),
        ("http://a\nb", "a blank or a control character"),
        ("http://a\u00a0b", "a blank or a control character"),
        ("http://a:0", "no HTTP address"),
        ("http://a:65536", "out of range"),
        ("http://a:text", "text"),
        ("http://[::1", "--url"),
        ("http://me:s3cret@a", "a user name or password"),
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence(url: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_url(url, "--url")
    assert said in refused.value.message
    assert refused.value.message.startswith("--url")
    assert "\n" not in refused.value.message
    assert "s3cret" not in str(refused.value)


def test_international_names_are_addresses() -> None:
    assert check_url("https://münchen.example", "--url").hostname == "münchen.example"


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("http://localhost:1", False),
        ("http://127.8.8.8", False),
        ("http://[::1]", False),
        ("http://10.0.0.1", True),
        ("http://api.grantex.dev", True),
    ],
)
def test_only_plain_http_to_another_machine_can_be_read_on_the_way(url: str, remote: bool) -> None:
    assert is_remote(url) is remote
    assert is_open(url) is remote
    assert not is_open(url.replace("http:", "https:"))
