"""List N: TLS, proxies, names, addresses."""

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.reliability.case import Case, Outcome
from tests.reliability.middle import Front, Hanging, Names, Plain, Proxy
from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import Source


COUNT = 100
GRANTEX, DATADOG = "grantex.test", "intake.test"
HOSTS = (GRANTEX, DATADOG, "localhost", "127.0.0.1")
PASSWORD = "p%40ss%3Aw%2Frd"
Try = Callable[[Path], Awaitable[Outcome]]


@dataclass
class Place:
    """A source and a sink behind TLS, with certificates of a private authority."""

    source: Source
    sink: Sink
    authority: trustme.CA
    ca_file: str
    grantex: Front
    intake: Front

    @property
    def ports(self) -> dict[str, int]:
        return {GRANTEX: self.grantex.port, DATADOG: self.intake.port}

    def url(self, host: str = "localhost") -> str:
        return f"https://{host}:{self.grantex.port}"

    def intake_url(self, host: str = "localhost") -> str:
        return f"https://{host}:{self.intake.port}"


def server(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf.configure_cert(context)
    return context


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    authority = trustme.CA()
    ca_file = str(folder / "ca.pem")
    authority.cert_pem.write_to_path(ca_file)
    context = server(authority.issue_cert(*HOSTS))
    async with (
        Source(200.0, COUNT) as source,
        Sink() as sink,
        Front(int(source.url.rpartition(":")[2]), context) as grantex,
        Front(int(sink.url.rpartition(":")[2]), context) as intake,
    ):
        yield Place(source, sink, authority, ca_file, grantex, intake)


# --- what a case may find -------------------------------------------------------------------------


async def delivers(
    folder: Path, at: Place, url: str, intake: str, *options: str, **env: str
) -> str:
    """Everything arrives; else what was wrong."""
    trust = () if "SSL_CERT_FILE" in env else ("--ca-file", at.ca_file)
    flush = ("--flush-interval", "0.2")
    async with Watch(folder, url, intake, *flush, *trust, *options, **env) as watch:
        try:
            async with asyncio.timeout(60):
                await at.source.connected("sse", "websocket")
                at.source.emitting.set()
                await at.sink.has(COUNT)
        except TimeoutError:
            return f"{len(at.sink.delivered)} delivered: {watch.stderr[-300:]}"
        summary = await watch.end()
        return _wrong(watch) or ("" if summary["delivered"] == COUNT else "not counted")


async def tells(
    folder: Path,
    at: Place,
    url: str,
    intake: str,
    words: Sequence[str],
    *options: str,
    **env: str,
) -> str:
    """It says so while it lasts and ends when it is told to; else what was wrong."""
    async with Watch(folder, url, intake, "--flush-interval", "0.2", *options, **env) as watch:
        emitting = asyncio.create_task(_emit_once_connected(at))
        try:
            async with asyncio.timeout(15):
                await watch.says(*words)
        except TimeoutError:
            return f"not told: {watch.stderr[-300:]}"
        finally:
            emitting.cancel()
        watch.process.terminate()
        await asyncio.wait_for(watch.process.wait(), 20)
        return _wrong(watch)


async def _emit_once_connected(at: Place) -> None:
    await at.source.connected("sse")
    at.source.emitting.set()


async def refuses(folder: Path, url: str, code: int, *options: str, **env: str) -> str:
    """It ends at once with a sentence; else what was wrong."""
    async with Watch(folder, url, "http://127.0.0.1:9", *options, **env) as watch:
        await asyncio.wait_for(watch.process.wait(), 20)
        said = [line for line in watch.stderr.splitlines() if line.startswith("grantex-tui: ")]
        if watch.process.returncode != code:
            return f"exit {watch.process.returncode}: {watch.stderr[-300:]}"
    return _wrong(watch) or ("" if len(said) == 1 else f"said {watch.stderr[-300:]}")


def _wrong(watch: Watch) -> str:
    return "a traceback" if "Traceback" in watch.stderr else ""


def outcome(wrong: str, **figures: object) -> Outcome:
    return Outcome(not wrong, figures, wrong)


# --- the cases ------------------------------------------------------------------------------------


def broken_server(words: str, make: Callable[[Place], ssl.SSLContext | None]) -> Try:
    """A server of which both the stream and delivery say what is wrong."""

    async def run(folder: Path) -> Outcome:
        async with place(folder) as at, AsyncExitStack() as stack:
            port = int(at.source.url.rpartition(":")[2])
            front = await stack.enter_async_context(Front(port, make(at)))
            url, trust = f"https://localhost:{front.port}", ("--ca-file", at.ca_file)
            said = ("stream", words)
            wrong = await tells(folder / "a", at, url, at.sink.url, said, *trust)
            said = ("delivery retrying", words)
            wrong = wrong or await tells(folder / "b", at, at.source.url, url, said, *trust)
        return outcome(wrong, told=not wrong and words)

    return run


def _certificate(
    name: str = "localhost", not_before: datetime | None = None, not_after: datetime | None = None
) -> Callable[[Place], ssl.SSLContext]:
    return lambda at: server(
        at.authority.issue_cert(name, not_before=not_before, not_after=not_after)
    )


def _old_tls(at: Place) -> ssl.SSLContext:
    context = server(at.authority.issue_cert("localhost"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _foreign(_: Place) -> ssl.SSLContext:
    return server(trustme.CA().issue_cert("localhost"))


def _self_signed(at: Place) -> ssl.SSLContext:
    authority, both = trustme.CA(), f"{at.ca_file}.self"
    Path(both).write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context


async def handshake_cut(folder: Path) -> Outcome:
    async with place(folder) as at, Hanging("127.0.0.1", None) as hanging:
        url = f"https://localhost:{hanging.port}"
        wrong = await tells(folder / "a", at, url, at.sink.url, ("stream", "no connection"))
    return outcome(wrong, told=not wrong and "no connection")


async def https_where_http_is(folder: Path) -> Outcome:
    async with place(folder) as at, Plain("127.0.0.1", None) as plain:
        url = f"https://127.0.0.1:{plain.port}"
        words = ("stream", "it does not speak TLS")
        wrong = await tells(folder / "a", at, url, at.sink.url, words)
    return outcome(wrong, told=not wrong and words[1])


async def http_where_https_is(folder: Path) -> Outcome:
    async with place(folder) as at:
        url = at.url().replace("https:", "http:")
        wrong = await tells(folder / "a", at, url, at.sink.url, ("stream", "the"))
    return outcome(wrong, told=not wrong)


async def client_certificate(folder: Path) -> Outcome:
    async with place(folder) as at:
        context = server(at.authority.issue_cert("localhost"))
        at.authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        both = str(folder / "ours.pem")
        at.authority.issue_cert("w@example.org").private_key_and_cert_chain_pem.write_to_path(both)
        ports = [int(url.rpartition(":")[2]) for url in (at.source.url, at.sink.url)]
        async with Front(ports[0], context) as grantex, Front(ports[1], context) as intake:
            urls = (f"https://localhost:{grantex.port}", f"https://localhost:{intake.port}")
            trust = ("--ca-file", at.ca_file)
            wrong = await tells(folder / "a", at, urls[0], urls[1], ("stream",), *trust)
            wrong = wrong or await delivers(folder / "b", at, *urls, "--client-cert", both)
    return outcome(wrong, delivered=len(at.sink.delivered))


def certificate_file(named: str, kind: str) -> Try:
    async def run(folder: Path) -> Outcome:
        bad = folder / "bad"
        if kind == "a folder":
            bad.mkdir()
        elif kind != "missing":
            bad.write_bytes(b"" if kind == "empty" else b"\x00\xffgarbage")
        async with place(folder) as at:
            path = at.ca_file if kind == "right" else str(bad)
            options = ("--ca-file", path) if named == "--ca-file" else ()
            env = {} if options else {named: path}
            if kind == "right":
                urls = (at.url(), at.intake_url())
                wrong = await delivers(folder / "a", at, *urls, **env)
                return outcome(wrong, delivered=len(at.sink.delivered))
            wrong = await refuses(folder / "a", at.url(), 3, *options, **env)
        return outcome(wrong, told=not wrong and "exit 3")

    return run


def proxied(*variables: str, user: str = "", delay: float = 0.0, by_tls: bool = False) -> Try:
    """A network with a proxy as the only way out."""

    async def run(folder: Path) -> Outcome:
        async with place(folder) as at:
            context = server(at.authority.issue_cert("localhost")) if by_tls else None
            plain = variables[0].lower() == "http_proxy"
            hosts = at.ports
            if plain:
                urls = (at.source.url, at.sink.url)
                ports = [int(url.rpartition(":")[2]) for url in urls]
                hosts = dict(zip((GRANTEX, DATADOG), ports, strict=True))
            scheme = "http" if plain else "https"
            secret = f"me:{PASSWORD}@" if user else ""
            async with Proxy(hosts, user=user, delay=delay, context=context) as proxy:
                way = f"http{'s' * by_tls}://{secret}localhost:{proxy.port}"
                env = dict.fromkeys(variables, way)
                urls = (f"{scheme}://{GRANTEX}", f"{scheme}://{DATADOG}")
                wrong = await delivers(folder / "a", at, *urls, **env)
                if not wrong and set(proxy.connected) != {GRANTEX, DATADOG}:
                    wrong = f"the proxy was asked for {sorted(set(proxy.connected))}"
        return outcome(wrong, delivered=len(at.sink.delivered))

    return run


def unproxied(variable: str, *exceptions: str) -> Try:
    """A proxy that is dead, and servers that are reached without it."""

    async def run(folder: Path) -> Outcome:
        wrong = ""
        for number, exception in enumerate(exceptions):
            inner = folder / str(number)
            inner.mkdir()
            names = Names(inner / "names")
            async with place(inner) as at:
                env = {"HTTPS_PROXY": "http://127.0.0.1:1", variable: exception}
                urls = (at.url(GRANTEX), at.intake_url(DATADOG))
                wrong = wrong or await delivers(
                    inner / "a", at, *urls, PYTHONPATH=names.path, **env
                )
        return outcome(wrong, delivered=COUNT if not wrong else 0)

    return run


async def by_network(folder: Path) -> str:
    """The same by an address of this machine, if it has one besides loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        address = probe.getsockname()[0]
    async with place(folder) as at:
        port = int(at.source.url.rpartition(":")[2])
        context = server(at.authority.issue_cert(address))
        async with Front(port, context, address) as front:
            env = {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": f"{address}/24"}
            url = f"https://{address}:{front.port}"
            return await delivers(folder / "a", at, url, at.intake_url(), **env)


async def no_proxy(folder: Path) -> Outcome:
    found = await unproxied("NO_PROXY", f"{GRANTEX},{DATADOG}", ".test")(folder)
    inner = folder / "network"
    inner.mkdir()
    return outcome(found.reason or await by_network(inner), **found.figures)


def bad_proxy(words: str, answer: int = 0, user: str = "") -> Try:
    """A proxy that connects nobody."""

    async def run(folder: Path) -> Outcome:
        async with place(folder) as at, Proxy(at.ports, answer=answer, user=user) as proxy:
            port = proxy.port if answer or user else 1
            env = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
            said = ("stream", words)
            wrong = await tells(folder / "a", at, f"https://{GRANTEX}", at.sink.url, said, **env)
            said = ("delivery retrying", words)
            url = f"https://{DATADOG}"
            wrong = wrong or await tells(folder / "b", at, at.source.url, url, said, **env)
        return outcome(wrong, told=not wrong and words)

    return run


async def dns_recovers(folder: Path) -> Outcome:
    names = Names(folder / "names")
    names.broken.touch()
    async with place(folder) as at:
        urls = (at.url(GRANTEX), at.intake_url(DATADOG))

        async def mend() -> None:
            await asyncio.sleep(3)
            names.broken.unlink()

        mending = asyncio.create_task(mend())
        wrong = await delivers(folder / "a", at, *urls, PYTHONPATH=names.path)
        await mending
    return outcome(wrong, delivered=len(at.sink.delivered))


async def ipv6(folder: Path) -> Outcome:
    async with place(folder) as at:
        ports = [int(url.rpartition(":")[2]) for url in (at.source.url, at.sink.url)]
        async with Front(ports[0], None, "::1") as grantex, Front(ports[1], None, "::1") as intake:
            urls = (f"http://[::1]:{grantex.port}", f"http://[::1]:{intake.port}")
            wrong = await delivers(folder / "a", at, *urls)
    return outcome(wrong, delivered=len(at.sink.delivered))


async def one_address_dead(folder: Path) -> Outcome:
    names = Names(folder / "names", "127.0.0.9", "127.0.0.1")
    async with place(folder) as at:
        urls = (at.url(GRANTEX), at.intake_url(DATADOG))
        wrong = await delivers(folder / "a", at, *urls, PYTHONPATH=names.path)
    return outcome(wrong, delivered=len(at.sink.delivered))


def bad_address(*urls: str) -> Try:
    async def run(folder: Path) -> Outcome:
        wrong = ""
        for url in urls:
            wrong = wrong or await refuses(folder / "a", url, 2)
        return outcome(wrong, told=not wrong and "exit 2")

    return run


def spelled(end: str) -> Try:
    async def run(folder: Path) -> Outcome:
        async with place(folder) as at:
            urls = (at.source.url + end, at.sink.url)
            wrong = await delivers(folder / "a", at, *urls)
        return outcome(wrong, delivered=len(at.sink.delivered))

    return run


_NOW = datetime.now(UTC)
_DAY = timedelta(days=1)
_KINDS = ("right", "missing", "garbage", "a folder", "empty")
_LIST: list[tuple[str, Try]] = [
    ("unknown CA", broken_server("an authority that is not trusted here", _foreign)),
    ("wrong name", broken_server("certificate is for another host", _certificate("other.example"))),
    ("expired", broken_server("has expired", _certificate(not_after=_NOW - _DAY))),
    (
        "not yet valid",
        broken_server(
            "not valid yet", _certificate(not_before=_NOW + _DAY, not_after=_NOW + 2 * _DAY)
        ),
    ),
    ("self-signed", broken_server("is signed by itself", _self_signed)),
    ("handshake cut", handshake_cut),
    ("http where https is expected", https_where_http_is),
    ("https where http is", http_where_https_is),
    ("TLS 1.0 only", broken_server("can't be reached", _old_tls)),
    ("client certificate asked", client_certificate),
    *((f"SSL_CERT_FILE {kind}", certificate_file("SSL_CERT_FILE", kind)) for kind in _KINDS),
    *((f"--ca-file {kind}", certificate_file("--ca-file", kind)) for kind in _KINDS),
    ("HTTPS_PROXY", proxied("HTTPS_PROXY")),
    ("https_proxy", proxied("https_proxy")),
    ("ALL_PROXY", proxied("ALL_PROXY")),
    ("HTTP_PROXY", proxied("HTTP_PROXY")),
    ("DD_PROXY_HTTPS", proxied("DD_PROXY_HTTPS")),
    ("NO_PROXY: hosts, a suffix, a network", no_proxy),
    ("DD_PROXY_NO_PROXY", unproxied("DD_PROXY_NO_PROXY", f"{GRANTEX} {DATADOG}")),
    ("a password in the proxy's URL", proxied("HTTPS_PROXY", user="me:p@ss:w/rd")),
    ("407 from the proxy", bad_proxy("the proxy wants a user name", user="me:secret")),
    ("502 from the proxy", bad_proxy("502", answer=502)),
    ("proxy down", bad_proxy("the proxy 127.0.0.1:1 can't be reached")),
    ("CONNECT answered late", proxied("HTTPS_PROXY", delay=4.0)),
    ("a proxy with a private CA", proxied("HTTPS_PROXY", by_tls=True)),
    ("DNS fails, recovers", dns_recovers),
    ("IPv6", ipv6),
    ("a host of two answers, one dead", one_address_dead),
    ("http://a..b", bad_address("http://a..b")),
    ("a label of 70 characters", bad_address(f"http://{'x' * 70}.example")),
    ("xn--a", bad_address("http://xn--a")),
    ("a space, a newline in the URL", bad_address("http://a b", "http://a\nb")),
    ("/v1 appended already", spelled("/v1/")),
    ("a query in the URL", spelled("/?since=1")),
    ("port 0, 65536, text", bad_address("http://a:0", "http://a:65536", "http://a:text")),
]
_BRIEF = (1, 10, 17, 28)
CASES = [
    Case(str(number), name, run, brief=number in _BRIEF)
    for number, (name, run) in enumerate(_LIST, 1)
]
