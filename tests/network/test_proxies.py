from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from grantex_tui.errors import UsageError
from grantex_tui.network.proxies import Proxy, is_direct, passwords, proxy_for, read_proxy


GRANTEX, PLAIN = "https://api.grantex.dev", "http://api.grantex.dev"
P, Q, R = "http://p.example:1", "http://q.example:2", "http://r.example:3"


def reached(url, *, to_datadog=False, **environment):
    proxy = proxy_for(url, environment, to_datadog=to_datadog)
    return None if proxy is None else proxy.url


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "DD_PROXY_HTTPS"])
@pytest.mark.parametrize("scheme", ["https", "wss"])
@pytest.mark.parametrize("to_datadog", [False, True])
def test_a_server_with_tls_is_reached_through_its_variables(name, scheme, to_datadog) -> None:
    assert reached(f"{scheme}://api.grantex.dev", to_datadog=to_datadog, **{name: P}) == P


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "all_proxy", "DD_PROXY_HTTP"])
@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_a_server_without_tls_is_reached_through_its_own(name, scheme) -> None:
    assert reached(f"{scheme}://api.grantex.dev", **{name: P}) == P
    assert reached(f"{scheme}://api.grantex.dev", HTTPS_PROXY=P, DD_PROXY_HTTPS=P) is None


@pytest.mark.parametrize(
    ("to_datadog", "environment", "url"),
    [
        (False, {"https_proxy": P, "HTTPS_PROXY": Q, "ALL_PROXY": R}, P),
        (False, {"HTTPS_PROXY": Q, "ALL_PROXY": R, "DD_PROXY_HTTPS": P}, Q),
        (False, {"ALL_PROXY": R, "DD_PROXY_HTTPS": P}, R),
        (True, {"HTTPS_PROXY": Q, "ALL_PROXY": R, "DD_PROXY_HTTPS": P}, P),
        (True, {"HTTPS_PROXY": Q, "ALL_PROXY": R}, Q),
        (False, {"HTTPS_PROXY": "  ", "ALL_PROXY": R}, R),
        (False, {}, None),
    ],
)
def test_the_nearer_variable_counts_and_the_agents_first_towards_datadog(
    to_datadog, environment, url
) -> None:
    assert reached(GRANTEX, to_datadog=to_datadog, **environment) == url


def test_a_requests_header_is_not_taken_for_a_proxy_under_cgi() -> None:
    assert reached(PLAIN, HTTP_PROXY=P, REQUEST_METHOD="GET") is None
    assert reached(PLAIN, http_proxy=P, REQUEST_METHOD="GET") == P


@pytest.mark.parametrize(
    ("value", "proxy"),
    [
        ("http://proxy.example:3128", Proxy("http://proxy.example:3128", variable="V")),
        ("proxy.example:3128", Proxy("http://proxy.example:3128", variable="V")),
        ("http://proxy.example", Proxy("http://proxy.example:80", variable="V")),
        ("https://proxy.example/", Proxy("https://proxy.example:443", variable="V")),
        ("http://[::1]:3128", Proxy("http://[::1]:3128", variable="V")),
        ("http://me:p%40ss%3A@proxy:1", Proxy("http://proxy:1", "me", "p@ss:", "V")),
        ("me:pass@proxy:1", Proxy("http://proxy:1", "me", "pass", "V")),
    ],
)
def test_a_proxy_is_read_as_people_write_it(value, proxy) -> None:
    assert read_proxy("V", value) == proxy


@pytest.mark.parametrize(
    "value",
    ["socks5://me:s3cret@proxy:1080", "http://me:s3cret@proxy:99999", "http://me:s3cret@", "http://s3cret proxy", "http://[s3cret"],
)  # fmt: skip
def test_what_is_no_http_proxy_is_refused_without_its_password(value) -> None:
    with pytest.raises(UsageError) as refused:
        read_proxy("ALL_PROXY", value)
    assert "ALL_PROXY" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "s3cret" not in repr(read_proxy("V", "http://me:s3cret@proxy"))


@pytest.mark.parametrize(
    ("url", "exceptions", "direct"),
    [
        ("https://api.grantex.dev", "api.grantex.dev", True),
        ("https://API.grantex.dev", "api.GRANTEX.dev", True),
        ("https://api.grantex.dev.", "api.grantex.dev", True),
        ("https://api.grantex.dev", "grantex.dev", True),
        ("https://api.grantex.dev", ".grantex.dev", True),
        ("https://api.grantex.dev", "*.grantex.dev", True),
        ("https://api.grantex.dev", "rantex.dev", False),
        ("https://api.grantex.dev", "api", False),
        ("https://api.grantex.dev", "*", True),
        ("https://api.grantex.dev", "", False),
        ("https://api.grantex.dev", "api.grantex.dev:443", True),
        ("https://api.grantex.dev", "api.grantex.dev:8443", False),
        ("https://api.grantex.dev:8443", "api.grantex.dev:8443", True),
        ("http://api.grantex.dev", "api.grantex.dev:80", True),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://10.1.2.3", "10.1.2.4 10.1.2.3", True),
        ("https://[fd00::7]", "fd00::/8", True),
        ("https://[fd00::7]", "[fd00::7]:443", True),
        ("https://[fd00::7]", "fd00::8", False),
        ("https://api.grantex.dev", "10.0.0.0/8", False),
        ("https://localhost:8787", "", True),
        ("http://127.9.9.9", "", True),
        ("https://[::1]:1", "", True),
    ],
)
def test_exceptions_are_hosts_suffixes_addresses_and_networks(url, exceptions, direct) -> None:
    assert is_direct(urlsplit(url), exceptions.split()) is direct


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy", "DD_PROXY_NO_PROXY"])
@pytest.mark.parametrize("separator", [",", ", ", " "])
def test_exceptions_are_named_in_any_of_three_variables(name, separator) -> None:
    listed = separator.join(["one.example", "api.grantex.dev"])
    assert reached(GRANTEX, HTTPS_PROXY=P, **{name: listed}) is None
    assert reached("https://two.example", HTTPS_PROXY=P, **{name: listed}) == P


def test_passwords_are_known_wherever_they_stand() -> None:
    environment = {
        "HTTPS_PROXY": "http://me:p%40ss@proxy:1",
        "all_proxy": "me:other@proxy",
        "DD_PROXY_HTTPS": "http://third:w/rd@proxy",
        "NO_PROXY": "me:none@host",
        "HTTP_PROXY": "http://proxy:3128",
    }
    assert passwords(environment) == ["p%40ss", "p@ss", "other", "other", "w/rd", "w/rd"]
