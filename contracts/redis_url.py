"""Can a text be the address of a Redis? Said before it is used, and without repeating it: it may hold a password."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

SCHEMES = ("redis", "rediss", "unix")
# The rest of what redis-py reads there (times, retries, pools) is the cache's own to decide.
OPTIONS = (
    "client_name",
    "db",
    "password",
    "ssl_ca_certs",
    "ssl_ca_path",
    "ssl_cert_reqs",
    "ssl_certfile",
    "ssl_check_hostname",
    "ssl_keyfile",
    "ssl_password",
    "username",
)


def validate_redis_url(text: str) -> None:
    """Raises ValueError with a sentence that says what is wrong, and does not hold `text`.

    `redis://[[user]:password@]host[:port][/db]`, the same with `rediss` for TLS, or `unix://[user@]/path[?db=0]`.
    """
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        raise ValueError(_sentence("its host or its port is malformed")) from None
    if url.scheme not in SCHEMES:
        raise ValueError(_sentence("it must begin with redis://, rediss:// or unix://"))
    if url.fragment or any(sign.isspace() for sign in text):
        # An unquoted # or blank of a password would cut it off there.
        raise ValueError(_sentence("a #, blank or line break in it must be percent-encoded"))
    _check_place(url.scheme, host, port, url.path)
    _check_options(url.query)


def _check_place(scheme: str, host: str | None, port: int | None, path: str) -> None:
    if scheme == "unix":
        if not path.strip("/"):
            raise ValueError(_sentence("unix:// needs the path of a socket"))
        return
    if not host:
        raise ValueError(_sentence("it names no host"))
    if port == 0:
        raise ValueError(_sentence("its port must be from 1 to 65535"))
    if (database := path.strip("/")) and not _is_number(database):
        raise ValueError(_sentence("what follows the host must be the number of a database"))


def _check_options(query: str) -> None:
    options = parse_qs(query, keep_blank_values=True)
    if unknown := options.keys() - set(OPTIONS):
        known = ", ".join(OPTIONS)
        raise ValueError(_sentence(f"{len(unknown)} of its options cannot be set there; known are {known}"))
    if not all(_is_number(number) for number in options.get("db", ())):
        raise ValueError(_sentence("`db` must be the number of a database"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _sentence(what: str) -> str:
    return f"the URL of Redis cannot be used: {what}"
