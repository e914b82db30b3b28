"""Which error of ours does each misbehaviour of a vendor become, and does it keep the secrets?"""

from __future__ import annotations

import socket
import ssl
import traceback

import httpx2
import pytest
import trustme

from app.upstream import UpstreamClient, upstream_chunks
from contracts.errors import LLMTimeoutError, ProviderProtocolError, ProviderUnavailableError, ServiceNotStartedError
from tests.kit.streamed_reply import streamed_reply

# Put together, so that a traceback which quotes this file does not hold them.
URL_SECRET = "url-" + "secret"
HEADER_SECRET = "header-" + "secret"
HEAD = b"HTTP/1.1 200 OK\r\n"
CLOSED_UNANSWERED = "openai closed the connection before it answered"
CUT = "the reply of openai ended before it was whole"
# What the vendor sends before it goes away -> what that is for us.
MISBEHAVIOURS = {
    "nothing": (b"", ProviderUnavailableError, CLOSED_UNANSWERED),
    "half a head": (HEAD + b"Content-Le", ProviderUnavailableError, CLOSED_UNANSWERED),
    "another protocol": (b"SSH-2.0-OpenSSH\r\n\r\n", ProviderProtocolError, "the reply of openai is not HTTP"),
    "two lengths": (
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ProviderProtocolError,
        "the reply of openai is not HTTP",
    ),
    "cut at length": (HEAD + b"Content-Length: 9\r\n\r\nabc", ProviderProtocolError, CUT),
    "cut in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", ProviderProtocolError, CUT),
    "bad chunk": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        ProviderProtocolError,
        f"{CUT}|the reply of openai is not HTTP",
    ),
    "bad gzip": (
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        ProviderProtocolError,
        f"{CUT}|the reply of openai could not be decompressed",
    ),
}


async def call(client, url, *, headers=None, connect_timeout_seconds=5.0):
    """One call, with a key that no error may show."""
    headers = {"Authorization": f"Bearer {HEADER_SECRET}", **(headers or {})}
    request = httpx2.Request("POST", url, content=b"{}", headers=headers)
    return await client.fetch(request, provider="openai", connect_timeout_seconds=connect_timeout_seconds)


def assert_tells_no_secret(error):
    """Neither the error nor the traceback that a log would print holds the URL's query or a header's value."""
    printed = "".join(traceback.format_exception(error))
    assert URL_SECRET not in printed
    assert HEADER_SECRET not in printed


@pytest.fixture
def closed_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.parametrize("kind", MISBEHAVIOURS)
async def test_fetch_names_what_the_vendor_did(client, vendor, url, kind):
    """Each way to answer badly is one of our errors, names the provider and tells no secret."""
    sent, expected, sentence = MISBEHAVIOURS[kind]

    async def misbehave(visit):
        await visit.send(sent)
        visit.hang_up()

    vendor.answer = misbehave
    with pytest.raises(expected, match=f"^({sentence})$") as caught:
        await call(client, url)
    assert type(caught.value) is expected
    assert caught.value.provider == "openai"
    assert_tells_no_secret(caught.value)


async def test_fetch_after_any_misbehaviour_succeeds(client, vendor, url):
    """No fault leaves anything behind that the next healthy call would meet."""
    for sent, expected, _ in MISBEHAVIOURS.values():

        async def misbehave(visit, sent=sent):
            await visit.send(sent)
            visit.hang_up()

        vendor.answer = misbehave
        with pytest.raises(expected):
            await call(client, url)
        vendor.answer = lambda visit: visit.reply(b"ok")
        assert (await call(client, url)).content == b"ok"
    await vendor.until(lambda: vendor.open_connections == 1)


async def test_reset_before_the_reply_is_unavailable(client, vendor, url):
    """A connection reset before any byte may be tried again."""

    async def reset(visit):
        visit.reset()

    vendor.answer = reset
    with pytest.raises(ProviderUnavailableError, match=CLOSED_UNANSWERED) as caught:
        await call(client, url)
    assert caught.value.is_retryable


async def test_reset_inside_the_reply_is_a_protocol_error(client, vendor, url):
    """A stream that is reset after its headers was begun, so it is not tried again as if nothing had happened."""

    async def begin(visit):
        await visit.send(HEAD + b"Content-Length: 9\r\n\r\nabc")
        await visit.silence()

    vendor.answer = begin
    request = httpx2.Request("POST", url, content=b"{}")
    async with streamed_reply(client, request, connect_timeout_seconds=5) as response:
        chunks = upstream_chunks(response, "openai")
        assert await anext(chunks) == b"abc"
        vendor.visits[0].reset()
        with pytest.raises(ProviderProtocolError, match=CUT):
            await anext(chunks)


async def test_refused_connection_is_unavailable(client, closed_port):
    """Nobody listening is said in so many words."""
    with pytest.raises(ProviderUnavailableError, match=r"^openai refused the connection$") as caught:
        await call(client, f"http://127.0.0.1:{closed_port}/?key={URL_SECRET}")
    assert_tells_no_secret(caught.value)


async def test_unknown_host_is_unavailable(client, unknown_host):
    """A name that does not resolve is said in so many words."""
    with pytest.raises(ProviderUnavailableError, match=r"^could not resolve the host of openai$") as caught:
        await call(client, f"http://{unknown_host}/?key={URL_SECRET}")
    assert_tells_no_secret(caught.value)


async def test_plain_server_at_an_https_address_is_unavailable(client, vendor):
    """A failed TLS handshake is told from a refused connection."""

    port = await vendor.listen(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(ProviderUnavailableError, match=r"^the TLS handshake with openai failed$"):
        await call(client, f"https://127.0.0.1:{port}/")


async def test_connect_timeout_is_a_timeout(client, vendor):
    """A host that takes the connection but never shakes hands ends at the connect timeout, not retried."""
    port = await vendor.listen()
    with pytest.raises(LLMTimeoutError, match=r"^openai did not accept a connection in 0.05 s$") as caught:
        await call(client, f"https://127.0.0.1:{port}/?key={URL_SECRET}", connect_timeout_seconds=0.05)
    assert not caught.value.is_retryable
    # So nobody can bill it.
    assert not caught.value.reached_vendor
    assert_tells_no_secret(caught.value)


async def test_address_that_is_not_http_is_unavailable(client):
    """A base URL of another scheme is named without its value."""
    with pytest.raises(ProviderUnavailableError, match="its base URL or a header is not valid HTTP") as caught:
        await call(client, f"ftp://vendor.invalid/?key={URL_SECRET}")
    assert_tells_no_secret(caught.value)


async def test_header_that_is_not_http_is_unavailable(fast_client, url):
    """A key that no header can carry is named without its value."""
    with pytest.raises(ProviderUnavailableError, match="its base URL or a header is not valid HTTP") as caught:
        await call(fast_client, url, headers={"x-key": f"{HEADER_SECRET}\nx"})
    assert_tells_no_secret(caught.value)


@pytest.fixture(scope="module")
def authority():
    """A certificate authority that this machine does not know."""
    return trustme.CA()


def tls_for(authority, name):
    """A server's TLS settings with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_unknown_authority_is_refused(client, vendor, authority):
    """TLS is verified: a certificate of an unknown authority gets no request."""
    port = await vendor.listen(tls_for(authority, "127.0.0.1"))
    with pytest.raises(ProviderUnavailableError, match=r"^the TLS certificate of openai could not be verified$"):
        await call(client, f"https://127.0.0.1:{port}/")
    assert vendor.visits == []


@pytest.mark.parametrize("name, is_served", [("127.0.0.1", True), ("other.example", False)])
async def test_own_authority_is_taken_from_the_environment(vendor, authority, monkeypatch, tmp_path, name, is_served):
    """SSL_CERT_FILE adds a company's own authority; the host's name is still checked."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    client = UpstreamClient()
    port = await vendor.listen(tls_for(authority, name))
    try:
        await call(client, f"https://127.0.0.1:{port}/")
        response = await call(client, f"https://127.0.0.1:{port}/")
    except ProviderUnavailableError as exc:
        outcome = str(exc)
    else:
        outcome = response.text
    await client.aclose()
    assert outcome == ("{}" if is_served else "the TLS certificate of openai could not be verified")


@pytest.mark.parametrize(
    "raised, expected, sentence",
    [
        (httpx2.ReadTimeout, LLMTimeoutError, "openai did not answer in time"),
        (httpx2.PoolTimeout, LLMTimeoutError, "openai did not answer in time"),
        (httpx2.ProxyError, ProviderUnavailableError, "the proxy on the way to openai failed"),
        (httpx2.ConnectError, ProviderUnavailableError, "could not connect to openai"),
        (httpx2.WriteError, ProviderUnavailableError, CLOSED_UNANSWERED),
        (httpx2.LocalProtocolError, ProviderUnavailableError, "openai cannot be called"),
        (httpx2.DecodingError, ProviderProtocolError, "the reply of openai could not be decompressed"),
        (httpx2.CloseError, ServiceNotStartedError, "the service stopped before openai had answered"),
    ],
)
async def test_exception_of_any_transport_is_mapped(raised, expected, sentence):
    """What httpx2 can raise before a reply has its place in our tree, and its text goes nowhere."""

    def fail(request):
        raise raised(URL_SECRET)

    with pytest.raises(expected, match=f"^{sentence}") as caught:
        await call(UpstreamClient(httpx2.MockTransport(fail)), "http://vendor.invalid/")
    assert URL_SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "raised, expected",
    [
        (httpx2.ReadTimeout, LLMTimeoutError),
        (httpx2.CloseError, ServiceNotStartedError),
        (httpx2.ReadError, ProviderProtocolError),
        (httpx2.DecodingError, ProviderProtocolError),
    ],
)
async def test_exception_inside_a_body_is_mapped(raised, expected):
    """What httpx2 can raise inside a reply has its place in our tree."""

    async def body():
        yield b"abc"
        raise raised(URL_SECRET)

    client = UpstreamClient(httpx2.MockTransport(lambda request: httpx2.Response(200, content=body())))
    with pytest.raises(expected, match="openai"):
        await call(client, "http://vendor.invalid/")
