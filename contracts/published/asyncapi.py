"""Topics and schemas -> one AsyncAPI 3.0 document: https://www.asyncapi.com/docs/reference/specification/v3.0.0"""

from __future__ import annotations

from typing import Any

from contracts.messages import plate
from contracts.messages.frame import FrameHeader
from contracts.published.documents import PUBLISHED, schema_of
from contracts.topics import ALL_TOPICS, MAX_MESSAGE_BYTES, Topic, TopicSpec

ABOUT = {
    Topic.FRAMES: "JPEG frames of cameras, files and uploads; everything else stands in the headers.",
    Topic.SIGHTINGS: "What one frame shows: vehicles, plates, characters with their probabilities.",
    Topic.PLATES: "The public contract: one event a passage, preview, then final. No personal data.",
    Topic.PLATES_PARKED: "State of the stage `plates`: the vehicles that stand at each camera. For it alone.",
    Topic.PLATES_ENRICHED: "Plate events with the registry's answer; personal fields are sealed.",
    Topic.PLATES_REPLAY: "Events of `platestream replay`, for comparison with those of `plates`.",
    Topic.COVERAGE: "Per camera and minute: how much of the street was really seen.",
}
SAME_MESSAGE = {Topic.PLATES_REPLAY: Topic.PLATES}
_SCHEMA_FILE = "./{name}.schema.json"
_BINDING_VERSION = "0.5.0"


def asyncapi() -> dict[str, Any]:
    """The whole document; payloads are references to the schema files beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "platestream",
            "version": f"{plate.SCHEMA_VERSION}.0.0",
            "description": "Topics of a platestream installation. Values are JSON but on `frames`.",
        },
        "defaultContentType": "application/json",
        "channels": {_id(spec.name): _channel(spec) for spec in ALL_TOPICS},
        "operations": {
            "readPlates": {
                "action": "receive",
                "summary": "Read `final` events; of one event_id the highest revision is in force.",
                "channel": {"$ref": f"#/channels/{_id(Topic.PLATES)}"},
            }
        },
        "components": {"messages": _messages()},
    }


def _channel(spec: TopicSpec) -> dict[str, Any]:
    source = Topic(spec.name.removesuffix(".dead"))
    dead = spec.name == source.dead
    message = "deadLetter" if dead else _id(SAME_MESSAGE.get(source, source))
    return {
        "address": spec.name,
        "description": f"What could not be processed from `{source}`." if dead else ABOUT[source],
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions,
                "topicConfiguration": {
                    "cleanup.policy": spec.cleanup.split(","),
                    "retention.ms": spec.retention_ms,
                    "retention.bytes": spec.retention_bytes_per_partition,
                    "max.message.bytes": MAX_MESSAGE_BYTES,
                },
                "bindingVersion": _BINDING_VERSION,
            }
        },
    }


def _messages() -> dict[str, Any]:
    key = {
        "kafka": {"key": {"type": "string", "description": "camera id"}, "bindingVersion": _BINDING_VERSION}
    }
    frames = {
        "name": "Frame",
        "contentType": "image/jpeg",
        "headers": _headers(),
        "payload": {"type": "string", "format": "binary"},
        "bindings": key,
    }
    messages = {
        _id(name): {
            "name": kind.__name__,
            "contentType": "application/json",
            "payload": {"$ref": _SCHEMA_FILE.format(name=name)},
            "bindings": key,
        }
        for name, kind in PUBLISHED.items()
    }
    return {_id(Topic.FRAMES): frames, **messages}


def _headers() -> dict[str, Any]:
    """Headers of a frame: the fields of `FrameHeader`, each as text."""
    definition = schema_of(FrameHeader)["$defs"][FrameHeader.__name__]
    return {
        "type": "object",
        "description": definition["description"],
        "properties": {
            name: {"type": "string", "description": field.get("description", "")}
            for name, field in definition["properties"].items()
        },
        "required": list(definition["required"]),
    }


def _id(name: str) -> str:
    """`plates.enriched` -> `platesEnriched`: identifiers of the document hold letters and digits."""
    first, *others = name.replace("-", ".").split(".")
    return first + "".join(word.capitalize() for word in others)
