"""The topics as an AsyncAPI 3.0 document: a channel per topic, an operation per party that speaks or listens there."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from mqtt.contract import topics
from mqtt.contract.chunks import CHUNK_LIMIT
from mqtt.contract.documents import Document, encode
from mqtt.contract.topics import TOPICS, Form, Party, Plane, Topic
from mqtt.office.reference.examples import example_of
from mqtt.office.reference.kinds import file_of
from mqtt.office.reference.pages import PLACEHOLDERS, PLANES, documents_of

_BINDING: Final = "0.2.0"
_JSON_SCHEMA: Final = "application/schema+json;version=2020-12"
_ENVELOPE: Final = {
    "type": "object",
    "description": "DSSE envelope; the signatures are over payloadType and the decoded payload.",
    "required": ["payload", "payloadType", "signatures"],
    "properties": {
        "payload": {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/json"},
        "payloadType": {"type": "string"},
        "signatures": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["keyid", "sig"],
                "properties": {"keyid": {"type": "string"}, "sig": {"type": "string"}},
            },
        },
    },
}
_BYTES: Final = {"type": "string", "format": "binary", "description": f"Chunks are at most {CHUNK_LIMIT} bytes, raw."}
_METADATA: Final = {"type": "object", "description": "TUF metadata: signed and signatures."}


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI document."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:gatebooth:" + topics.PREFIX.strip("/").replace("/", ":"),
        "info": {
            "title": "gatebooth",
            "version": topics.PREFIX.strip("/").rpartition("/")[2],
            "description": "What office, gates and booths say to each other over MQTT 5.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": Form.JSON.value,
        "servers": {plane.value: _server(plane) for plane in Plane},
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {topic.name: _message(topic) for topic in TOPICS},
            "securitySchemes": {
                "certificate": {
                    "type": "X509",
                    "description": "Mutual TLS; the certificate's common name is user name and client id.",
                }
            },
        },
    }


def _server(plane: Plane) -> dict[str, Any]:
    port, description = PLANES[plane]
    return {
        "host": "{host}:{port}",
        "protocol": "mqtts",
        "protocolVersion": "5.0",
        "description": description,
        "variables": {
            "host": {"description": "A broker of the office, or of the gate where it has an edge."},
            "port": {"default": str(port)},
        },
        "security": [{"$ref": "#/components/securitySchemes/certificate"}],
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topics.PREFIX + topic.template,
        "summary": topic.summary,
        "servers": [{"$ref": f"#/servers/{topic.plane.value}"}],
        "parameters": {name: {"description": PLACEHOLDERS[name]} for name in topic.placeholders},
        "messages": {topic.name: {"$ref": f"#/components/messages/{topic.name}"}},
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for party in Party:
        for topic in TOPICS:
            if party in topic.writers:
                yield f"{party.value}-sends-{topic.name}", _operation(topic, party, "send")
            if party in topic.readers:
                yield f"{party.value}-receives-{topic.name}", _operation(topic, party, "receive")


def _operation(topic: Topic, party: Party, action: str) -> dict[str, Any]:
    binding: dict[str, Any] = {"qos": topic.qos}
    if action == "send":
        binding["retain"] = topic.retain
        if topic.expiry_s is not None:
            binding["messageExpiryInterval"] = topic.expiry_s
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{topic.name}"}],
        "tags": [{"name": party.value}],
        "bindings": {"mqtt": {**binding, "bindingVersion": _BINDING}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    message: dict[str, Any] = {
        "title": topic.summary,
        "contentType": topic.form.value,
        "x-limit-bytes": topic.limit_bytes,
    }
    kinds = documents_of(topic)
    match topic.form:
        case Form.JSON:
            message["payload"] = {"schemaFormat": _JSON_SCHEMA, "schema": _reference(kinds[0])}
            message["examples"] = [{"name": topic.name, "payload": msgspec.json.decode(encode(example_of(kinds[0])))}]
            return message
        case Form.DSSE:
            message["payload"] = _ENVELOPE
        case Form.FRAME:
            message["payload"] = _BYTES
        case Form.FLAG:
            message["payload"] = {"type": "string", "enum": ["0", "1"]}
        case Form.TUF:
            message["payload"] = _METADATA
    if kinds:
        message["x-carries"] = [_reference(kind) for kind in kinds]
    return message


def _reference(kind: type[Document]) -> dict[str, str]:
    return {"$ref": f"./schemas/{file_of(kind)}"}
