"""Can a text be the address of our database, of Kafka's brokers, of a receiver of traces?

Said before it is used, and without repeating it: it may hold a password.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg", "postgres+psycopg"})
_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
_KINDS = "it must be postgresql://user@host/database or sqlite:///path/of/a/file"
# Where user and password end, by SQLAlchemy's rules; what is after it is shown where the database is named.
_LOGIN = re.compile(r"[^:/]*(:[^@]*)?@")
_NO_SQLITE_FILE = frozenset({"", "/", "/:memory:"})
_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_MAX_PORT = 65_535
_ENDPOINT = "it must be http(s)://host[:port][/path]"


def validate_database_url(text: str) -> None:
    """`postgresql://[user[:password]@][host][:port]/database[?option=…]` or `sqlite:///path`.

    Raises ValueError with a sentence that says what is wrong, and does not hold `text`.
    """
    scheme = text.partition("://")[0]
    if scheme not in _POSTGRESQL | _SQLITE:
        raise ValueError(_of_database(_KINDS))
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise ValueError(_of_database("its host or its port is malformed")) from None
    if port == 0:
        raise ValueError(_of_database(f"its port must be from 1 to {_MAX_PORT}"))
    if scheme in _POSTGRESQL and "@" in _LOGIN.sub("", text.partition("://")[2], count=1):
        raise ValueError(_of_database("an @ in its password, or after it, must be written %40"))
    if scheme in _SQLITE and (url.netloc or url.path in _NO_SQLITE_FILE or url.path.startswith("/file:")):
        raise ValueError(_of_database("sqlite:/// needs the path of a file"))
    if scheme in _SQLITE and url.query:
        raise ValueError(_of_database("a file of SQLite takes no options; a ? in its path is %3F"))


def is_file_of_this_machine(database_url: str) -> bool:
    """Whether it names a file of SQLite, and not a server that others can reach."""
    return database_url.partition("://")[0] in _SQLITE


def validate_bootstrap_servers(text: str) -> None:
    """`host:port`, more between commas. Raises ValueError with a sentence that does not hold `text`."""
    for server in text.split(","):
        found = _BROKER.fullmatch(server.strip())
        if found is None or not 0 < int(found[2]) <= _MAX_PORT:
            raise ValueError("kafka_bootstrap_servers must be host:port, more between commas")


def validate_otlp_endpoint(text: str) -> None:
    """`http(s)://host[:port][/path]`. Raises ValueError with a sentence that does not hold `text`."""
    try:
        url = urlsplit(text)
        has_place = bool(url.hostname) and url.port != 0
    except ValueError:
        raise ValueError(_of_receiver(_ENDPOINT)) from None
    if not has_place or url.scheme not in ("http", "https") or not (text.isascii() and text.isprintable()):
        raise ValueError(_of_receiver(_ENDPOINT))
    if "@" in url.netloc or url.query or url.fragment or " " in text:
        raise ValueError(_of_receiver("it takes no user, blank, ? or #"))


def _of_database(what: str) -> str:
    return f"the database_url cannot be used: {what}"


def _of_receiver(what: str) -> str:
    return f"the otlp_endpoint cannot be used: {what}"


def validate_kafka_options(text: str) -> None:
    """Raises ValueError unless `text` is a JSON object whose values are all texts; the words do not hold it."""
    try:
        options = json.loads(text)
    except ValueError:
        options = None
    if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
        msg = 'must be a JSON object of texts, e.g. {"security.protocol": "SSL"}'
        raise ValueError(msg)
