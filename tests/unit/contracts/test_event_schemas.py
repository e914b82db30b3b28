"""Are the committed schemas of the events those of the models, and do they let nothing else through?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from app.cli import main
from app.engine.events import Events
from contracts.event_schemas import EVENTS, event_schemas
from tests.kit.event_stream import SCHEMAS, check_event, request_events


def test_schemas_committed_are_those_of_the_models() -> None:
    """A change of a model is a change of a reviewed file: `python -m app.cli event-schemas contracts/schemas`."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.iterdir()}
    assert committed == event_schemas()
    assert len(committed) == len(EVENTS)


def test_schemas_command_writes_them(tmp_path: Path) -> None:
    """Into a folder that need not be there."""
    assert main(["event-schemas", str(tmp_path / "new")]) == 0
    assert {path.name: path.read_text() for path in (tmp_path / "new").iterdir()} == event_schemas()


def test_schemas_are_schemas() -> None:
    """Each is by the rules of its dialect, which it names."""
    for text in event_schemas().values():
        schema = json.loads(text)
        assert schema["$schema"].endswith("2020-12/schema")
        jsonschema_rs.meta.validate(schema)


def _with(event: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    if not path:
        return value  # type: ignore[no-any-return]
    return {**event, path[0]: _with(event.get(path[0], {}), path[1:], value)}


@pytest.mark.parametrize(
    "path,value",
    [
        (("prompt",), "a secret"),
        (("data", "prompt"), "a secret"),
        (("metadata", "authorization"), "Bearer x"),
        (("event_id",), "7"),
        (("event_type",), "other.v1"),
        (("event_timestamp",), "yesterday"),
        (("schema_version",), 2),
        (("source_service",), "another"),
        (("metadata", "traceparent"), "00-zz"),
        (("correlation_id",), None),
    ],
)
def test_schemas_refuse_what_is_not_an_event(path: tuple[str, ...], value: Any) -> None:
    """Nothing can be slipped in, and no field can be something else."""
    for event in request_events(Events("huleedu.llm_provider"), 7):
        good = check_event(event.topic, event.payload)
        bad = json.dumps(_with(good, path, value)).encode()
        with pytest.raises(jsonschema_rs.ValidationError):
            check_event(event.topic, bad)
