"""A certificate authority that can vouch for the played hosts and for nothing else.

Who trusts it trusts it for Grantex's and Datadog's names, this machine's loopback and the names
that it was made for (RFC 5280, 4.2.1.10: name constraints), so that its key, were it stolen, could
not pass for anybody's bank.
"""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from grantex_sim.http.host import is_address
from grantex_sim.http.played import DOMAINS
from grantex_sim.tls.flaw import Flaw


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMMON_NAME: Final = "grantex-sim authority (this machine only)"
LIFETIME: Final = timedelta(days=30)
"""Of an authority that is kept, and at most of any."""
_LEAF_LIFETIME: Final = timedelta(days=1)
_RENEWED: Final = timedelta(hours=12)
"""What a certificate still has to live when the next client gets a new one."""
_SKEW: Final = timedelta(minutes=10)
"""How far a client's clock may be behind."""
_MOST: Final = 500
"""Certificates in use: a client may ask for as many names below a played domain as it likes."""
_WRONG_HOST: Final = "wrong-host.grantex-sim.invalid"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate in use."""

    context: ssl.SSLContext
    until: datetime


class Authority:
    """Issues certificates by name; each is made once, and anew before it ends.

    Args:
        certificate: Its own.
        key: Its own.
        hosts: Names and addresses of its server: its certificate when no name is asked for.
    """

    def __init__(
        self,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        hosts: Sequence[str] = (),
    ) -> None:
        self.certificate = certificate
        self.key = key
        self._hosts = tuple(dict.fromkeys(("localhost", "127.0.0.1", "::1", *hosts)))
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._issued: dict[tuple[str, Flaw], Issued] = {}
        self._stranger: ec.EllipticCurvePrivateKey | None = None

    @classmethod
    def made(cls, hosts: Sequence[str] = (), *, lifetime: timedelta = LIFETIME) -> Authority:
        """A new one, that may vouch for the played hosts, the loopback and *hosts*."""
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(_authority_certificate(key, hosts, datetime.now(UTC), lifetime), key, hosts)

    @property
    def pem(self) -> str:
        """The certificate, for who is to trust it; no secret."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def context(self, name: str, flaw: Flaw = Flaw.NONE) -> ssl.SSLContext:
        """A server's TLS context for *name*; for an empty one, of the addresses it listens on."""
        now = datetime.now(UTC)
        issued = self._issued.get((name, flaw))
        if issued is None or issued.until - now < _RENEWED:
            if len(self._issued) >= _MOST:
                self._issued.clear()
            issued = self._issue(name, flaw, now)
            self._issued[name, flaw] = issued
        return issued.context

    def _issue(self, name: str, flaw: Flaw, now: datetime) -> Issued:
        names = (_WRONG_HOST,) if flaw is Flaw.WRONG_HOST else (name,) if name else self._hosts
        begin, end = _validity(flaw, now)
        end = min(end, self.certificate.not_valid_after_utc) if flaw is Flaw.NONE else end
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(names[0][:64]))
            .issuer_name(_named(names[0][:64] if flaw is Flaw.SELF_SIGNED else COMMON_NAME))
            .public_key(self._leaf_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_leaf_usage(), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._signer(flaw).public_key()),
                critical=False,
            )
        )
        certificate = builder.sign(self._signer(flaw), hashes.SHA256())
        # A flawed one need not be renewed: its clients refuse it whatever the hour.
        return Issued(self._served(certificate), now + LIFETIME if flaw else end)

    def _signer(self, flaw: Flaw) -> ec.EllipticCurvePrivateKey:
        if flaw is Flaw.SELF_SIGNED:
            return self._leaf_key
        if flaw is not Flaw.UNKNOWN_CA:
            return self.key
        self._stranger = self._stranger or ec.generate_private_key(ec.SECP256R1())
        return self._stranger

    def _served(self, certificate: x509.Certificate) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        # Python's ssl reads keys from files only; this one is gone before the first client comes.
        with tempfile.TemporaryDirectory(prefix="grantex-sim-") as folder:
            chain = Path(folder, "leaf.pem")
            chain.touch(0o600)
            chain.write_bytes(
                key_pem(self._leaf_key)
                + certificate.public_bytes(serialization.Encoding.PEM)
                + self.pem.encode()
            )
            context.load_cert_chain(chain)
        return context


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as text, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _authority_certificate(
    key: ec.EllipticCurvePrivateKey, hosts: Sequence[str], now: datetime, lifetime: timedelta
) -> x509.Certificate:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_named(COMMON_NAME))
        .issuer_name(_named(COMMON_NAME))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_authority_usage(), critical=True)
        .add_extension(_constraints(hosts), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _constraints(hosts: Sequence[str]) -> x509.NameConstraints:
    names = [*DOMAINS, "localhost", *(host for host in hosts if not is_address(host))]
    networks = ["127.0.0.0/8", "::1/128", *filter(is_address, hosts)]
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys(names)]
    # RFC 5280 names every address that is not listed as excluded, once one is listed.
    permitted += [x509.IPAddress(ip_network(net)) for net in dict.fromkeys(networks)]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _validity(flaw: Flaw, now: datetime) -> tuple[datetime, datetime]:
    if flaw is Flaw.EXPIRED:
        return now - _LEAF_LIFETIME, now - timedelta(hours=1)
    if flaw is Flaw.NOT_YET_VALID:
        return now + timedelta(hours=1), now + _LEAF_LIFETIME
    return now - _SKEW, now + _LEAF_LIFETIME


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    return [
        x509.IPAddress(ip_address(name)) if is_address(name) else x509.DNSName(name)
        for name in names
    ]


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _leaf_usage() -> x509.KeyUsage:
    return _usage(signs_certificates=False)


def _authority_usage() -> x509.KeyUsage:
    return _usage(signs_certificates=True)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
