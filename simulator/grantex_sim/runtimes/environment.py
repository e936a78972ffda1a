"""The variables by which each runtime comes to the simulator, whatever host its program names."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from grantex_sim.http.played import DOMAINS, is_played
from grantex_sim.runtimes.trust import JAVA_PASSWORD
from grantex_tui.datadog.sites import DEFAULT_SITE, SITES


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_sim.runtimes.trust import Trust

_HERE: Final = Path(__file__).parent
NODE_PRELOAD: Final = _HERE / "node_preload.cjs"
PYTHON_PRELOAD: Final = _HERE / "python"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One way into a simulator."""

    url: str
    """Its address, ``http://127.0.0.1:8787``: that of both APIs, and of the proxy."""
    grantex_key: str = field(repr=False)
    datadog_key: str = field(repr=False)
    datadog_app_key: str = field(repr=False)


def environment(entrance: Entrance, trust: Trust, base: Mapping[str, str]) -> dict[str, str]:
    """*base*, and in it what makes a program come to *entrance* and trust it."""
    return {
        **base,
        **_addresses(entrance, base),
        **_proxies(entrance.url, base),
        **_certificates(trust),
        **_preloads(entrance.url, trust, base),
    }


def _addresses(entrance: Entrance, base: Mapping[str, str]) -> dict[str, str]:
    site = base.get("DD_SITE", "")
    if site not in {each.domain for each in SITES}:
        site = DEFAULT_SITE
    return {
        "GRANTEX_URL": entrance.url,
        "GRANTEX_API_KEY": entrance.grantex_key,
        "GRANTEX_SIM_URL": entrance.url,
        "DD_SITE": site,
        "DD_LOGS_URL": entrance.url,
        "DD_API_KEY": entrance.datadog_key,
        "DD_APP_KEY": entrance.datadog_app_key,
    }


def _proxies(url: str, base: Mapping[str, str]) -> dict[str, str]:
    """Every played host by us; what went past the proxy before still does, unless it is one."""
    before = f"{base.get('no_proxy', '')},{base.get('NO_PROXY', '')}".split(",")
    kept = [each.strip() for each in before if _is_kept(each.strip())]
    direct = ",".join(dict.fromkeys([*_LOOPBACK, *kept]))
    names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
    return {
        **dict.fromkeys((*names, "DD_PROXY_HTTPS", "DD_PROXY_HTTP"), url),
        **dict.fromkeys(("NO_PROXY", "no_proxy", "DD_PROXY_NO_PROXY"), direct),
    }


def _is_kept(direct: str) -> bool:
    name = direct.lstrip("*.").lower()
    covers = any(domain.endswith(f".{name}") for domain in DOMAINS)  # such as com
    return bool(name) and not is_played(name) and not covers


def _certificates(trust: Trust) -> dict[str, str]:
    bundle = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    ours = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
    return {
        **dict.fromkeys(bundle, str(trust.bundle)),
        **dict.fromkeys(ours, str(trust.authority)),
    }


def _preloads(url: str, trust: Trust, base: Mapping[str, str]) -> dict[str, str]:
    node = f'--require "{NODE_PRELOAD}"'
    python = str(PYTHON_PRELOAD)
    return {
        "GRANTEX_SIM_ENTRANCE": urlsplit(url).netloc,
        "GRANTEX_SIM_PLAYED": ",".join(DOMAINS),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": _after(base.get("NODE_OPTIONS"), node, " "),
        "JAVA_TOOL_OPTIONS": _after(base.get("JAVA_TOOL_OPTIONS"), _java(url, trust), " "),
        "PYTHONPATH": _after(python, base.get("PYTHONPATH"), ":"),
    }


def _java(url: str, trust: Trust) -> str:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    given = {
        "https.proxyHost": host,
        "https.proxyPort": port,
        "http.proxyHost": host,
        "http.proxyPort": port,
        "http.nonProxyHosts": "localhost|127.*|[::1]",
        "javax.net.ssl.trustStore": trust.java_store,
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": JAVA_PASSWORD,
    }
    return " ".join(shlex.quote(f"-D{name}={value}") for name, value in given.items())


def _after(first: str | None, second: str | None, between: str) -> str:
    return between.join(filter(None, (first, second)))
