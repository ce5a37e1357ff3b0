from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
import requests
import trustme

from tap_kit.errors import SettingsError, StreamError, UnreachableError
from tap_kit.http.request import Request
from tap_kit.http.response import Response
from tests.tap_kit.http.scripted import Vendor, ok

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_kit.http.client import Client

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No certificates and proxies but those of the test."""
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


def serve(authority: trustme.CA, name: str) -> Iterator[Vendor]:
    vendor = Vendor()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    vendor.socket = context.wrap_socket(vendor.socket, server_side=True)
    vendor.url = f"https://localhost:{vendor.server_port}"
    thread = threading.Thread(target=vendor.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield vendor
    vendor.end.set()
    vendor.shutdown()
    vendor.server_close()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Vendor]:
    """A vendor over TLS."""
    yield from serve(authority, "localhost")


@pytest.fixture
def misnamed(authority: trustme.CA) -> Iterator[Vendor]:
    """One whose certificate is another host's."""
    yield from serve(authority, "elsewhere.example")


def request_to(vendor: Vendor) -> Request:
    return Request("GET", f"{vendor.url}/x", "GET /x")


@pytest.mark.parametrize("variable", BUNDLES[:3])
def test_certificates_of_the_environment_are_trusted(
    secure: Vendor, client: Client, bundle: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(bundle))
    secure.script(ok([1]))
    assert [client.fetch(request_to(secure), Response.json) for _ in range(2)] == [[1], [1]]


@pytest.mark.parametrize("variable", BUNDLES[:3])
@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_certificates_that_can_not_be_read_end_the_run(  # noqa: PLR0917  # fixtures
    secure: Vendor,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
    content: str | None,
) -> None:
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    with pytest.raises(SettingsError, match=rf"{variable} can't be read from .*bundle\.pem"):
        client.fetch(request_to(secure), Response.json)
    assert not secure.seen


def test_a_certificate_that_nobody_trusts_ends_the_run_at_once(
    secure: Vendor, client: Client
) -> None:
    secure.script(ok())
    with pytest.raises(SettingsError, match=r"certificate of localhost .*SSL_CERT_FILE"):
        client.fetch(request_to(secure), Response.json)


def test_another_hosts_certificate_ends_the_run_at_once(
    misnamed: Vendor, client: Client, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    misnamed.script(ok())
    with pytest.raises(SettingsError, match="certificate of localhost is not trusted"):
        client.fetch(request_to(misnamed), Response.json)


def test_a_links_host_fails_only_its_stream(secure: Vendor, client: Client) -> None:
    link = Request("GET", f"{secure.url}/x", "GET a file", authorized=False, to_vendor=False)
    with pytest.raises(StreamError, match="certificate of localhost"):
        client.fetch(link, Response.json)


def test_tls_goes_through_a_proxy(
    secure: Vendor, client: Client, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connects: list[bytes] = []

    def carry(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65536):
            target.sendall(data)

    def proxy(listening: socket.socket) -> None:
        near, _ = listening.accept()
        connects.append(near.recv(65536))
        far = socket.create_connection(("127.0.0.1", secure.server_port))
        near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=carry, args=(far, near), daemon=True).start()
        carry(near, far)

    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=proxy, args=(listening,), daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listening.getsockname()[1]}")
        secure.script(ok([1]))
        for _ in range(2):
            assert client.fetch(request_to(secure), Response.json) == [1]
    assert len(connects) == 1
    assert connects[0].startswith(f"CONNECT localhost:{secure.server_port} ".encode())
    assert [seen.target for seen in secure.seen] == ["/x", "/x"]
    assert secure.seen[0].headers["host"] == secure.url.removeprefix("https://")


@pytest.fixture
def no_socks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As requests is where PySocks is not installed."""

    def missing(*_: object, **__: object) -> None:
        msg = "Missing dependencies for SOCKS support."
        raise requests.exceptions.InvalidSchema(msg)

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", missing)


@pytest.mark.usefixtures("no_socks")
@pytest.mark.parametrize(
    ("variable", "url", "told"),
    [
        ("ALL_PROXY", "socks5://me:s3cret@proxy.example:1080", r"socks5.*PySocks"),
        ("HTTPS_PROXY", "socks5h://me:s3cret@proxy.example:1080", r"HTTPS_PROXY.*PySocks"),
        ("HTTPS_PROXY", "http://", r"HTTPS_PROXY.*such as http://proxy:3128"),
        ("HTTPS_PROXY", "http://[::1", r"the proxy http://\[::1 \(from HTTPS_PROXY.*such as"),
        ("HTTPS_PROXY", "http://me:s3cret@proxy:door", r"the proxy http://proxy:door .*such as"),
        ("ALL_PROXY", "ftp://proxy.example:21", r"the proxy ftp://proxy.example:21 .*such as"),
    ],
)
def test_a_proxy_that_can_not_be_used_ends_the_run_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, variable: str, url: str, told: str
) -> None:
    monkeypatch.setenv(variable, url)
    with pytest.raises(SettingsError, match=told) as caught:
        client.fetch(Request("GET", "https://vendor.example/x", "GET /x"), Response.json)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://me:s3cret@127.0.0.1:1", "http://127.0.0.1:1"),
        ("127.0.0.1:1", "127.0.0.1:1"),
        ("socks5://127.0.0.1:1", "socks5://127.0.0.1:1"),
        ("socks5h://me:s3cret@127.0.0.1:1", "socks5h://127.0.0.1:1"),
    ],
)
def test_a_proxy_that_is_not_there_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch, url: str, name: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    told = rf"refused, by the proxy {name} \(from HTTPS_PROXY\)"
    with pytest.raises(UnreachableError, match=told) as caught:
        client.fetch(Request("GET", "https://vendor.example/x", "GET /x"), Response.json)
    assert "s3cret" not in str(caught.value)
