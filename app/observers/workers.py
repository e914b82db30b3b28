"""What did the other processes behind the same port count? Each lays its figures into one folder, once a second.

The one that is asked for the metrics adds all up. A process is alive while it holds the lock of its own file, which
the system lets go however it ends: then its gauges are gone, and its counters stay. The figures of a process never
go back, whoever is asked: it lays down its own before it answers. What a process that is killed had counted since it
laid them down last is lost.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from prometheus_client import Metric

from app.observers.exposition import joined

_DEAD = "dead"
_FIGURES = ".json"
_LIFE = ".alive"


class Workers:
    """This process among those that share `folder`. Its methods block for as long as a file takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"{os.getpid()}-{token_hex(4)}"
        self._life: int | None = None

    def join(self) -> None:
        """From now on this process is one of them. What an earlier run left there is taken away."""
        with self._alone():
            for group in list(self._folder.parent.iterdir()):
                if group.is_dir() and not any(_living(group)):
                    shutil.rmtree(group)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._life = os.open(self._file(_LIFE), os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._life, fcntl.LOCK_EX)

    def lay_down(self, families: Iterable[Metric]) -> None:
        """The figures of this process as they are now."""
        _write(self._file(_FIGURES), families, ())

    def all(self, families: Sequence[Metric]) -> list[Metric]:
        """The figures of all, `families` being those of this process."""
        with self._alone():
            self.lay_down(families)
            self._bury()
            living = [_read(file)[0] for file in sorted(self._folder.glob(f"*{_FIGURES}"))]
            return joined(living)

    def leave(self, families: Iterable[Metric]) -> None:
        """This process ends; its counters stay until the last one leaves."""
        with self._alone():
            self.lay_down(families)
            if self._life is not None:
                os.close(self._life)
                self._life = None
            if not any(_living(self._folder)):
                shutil.rmtree(self._folder)

    def _bury(self) -> None:
        """The counters of processes that ended go into one file, so that their files do not add up."""
        living = set(_living(self._folder))
        grave = self._folder / f"{_DEAD}{_FIGURES}"
        kept, buried = _read(grave) if grave.exists() else ([], ())
        ended = [file for file in self._folder.glob(f"*{_FIGURES}") if file != grave and file.stem not in living]
        counted = [_without_gauges(_read(file)[0]) for file in ended if file.stem not in buried]
        if counted:
            # Their names are written with their figures: who is killed before the files are gone counts none twice.
            _write(grave, joined([kept, *counted]), [file.stem for file in ended])
        for file in ended:
            file.unlink()
            file.with_suffix(_LIFE).unlink(missing_ok=True)

    def _file(self, suffix: str) -> Path:
        return self._folder / f"{self._name}{suffix}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        for folder in (self._folder.parent.parent, self._folder.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder.parent / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _living(folder: Path) -> Iterator[str]:
    """The names of the processes that hold the lock of their file."""
    for file in folder.glob(f"*{_LIFE}"):
        tried = os.open(file, os.O_RDWR)
        try:
            fcntl.flock(tried, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield file.stem
        finally:
            os.close(tried)


def _without_gauges(families: Iterable[Metric]) -> list[Metric]:
    return [family for family in families if family.type != "gauge"]


def _write(file: Path, families: Iterable[Metric], buried: Iterable[str]) -> None:
    figures = [
        [family.name, family.documentation, family.type, [[s.name, s.labels, s.value] for s in family.samples]]
        for family in families
    ]
    fresh = file.with_suffix(".new")
    text = json.dumps({"figures": figures, "buried": list(buried)})
    # Which models are used, and what they cost, is nobody else's to read.
    with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as draft:
        draft.write(text)
    fresh.replace(file)


def _read(file: Path) -> tuple[list[Metric], Sequence[str]]:
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    families: list[Metric] = []
    for name, text, kind, samples in told["figures"]:
        family = Metric(name, text, kind)
        for sample in samples:
            family.add_sample(*sample)
        families.append(family)
    return families, told["buried"]
