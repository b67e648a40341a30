"""TLS: the name asked for stays the host although the connection goes to a checked address."""

import asyncio
import datetime as dt
import ssl
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from palabre.net.addresses import Address
from palabre.net.client import Egress
from palabre.net.errors import NotSent
from palabre.net.hosts import HostTable


def self_signed(folder: Path, host: str) -> ssl.SSLContext:
    """Return a server context with a certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_server_sees_the_host_and_an_unknown_certificate_stops_us(tmp_path: Path) -> None:
    asked: list[str | None] = []
    context = self_signed(tmp_path, "graph.example.com")
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.read(100))
        writer.close()

    async def names(_host: str, _port: int) -> list[Address]:
        return [ip_address("127.0.0.2")]

    server = await asyncio.start_server(serve, "127.0.0.2", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    egress = Egress(HostTable({}), resolve=names, judge=lambda _: None, ports={port})
    with pytest.raises(NotSent):
        await egress.request("POST", f"https://graph.example.com:{port}/", json={"a": 1})
    await egress.aclose()
    server.close()

    assert asked == ["graph.example.com"]
    assert requests == []
