"""Cassettes for pytest-recording and vcrpy: readable, without secrets, matched by meaning.

A request matches where method, path and query, SOAPAction and body agree; bodies are compared as
canonical XML, as JSON values, or as the fields of a form. Both sides are scrubbed first, so that
secrets and salts need not be the same as when the cassette was recorded.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Protocol, cast
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]  # PyYAML comes without types

from esignwire.testing._bodies import Readable, canonical, from_readable, to_readable
from esignwire.testing._scrubbing import scrub_body, scrub_headers, scrub_uri

__all__ = [
    "CassetteSerializer",
    "cassette_settings",
    "match",
    "register_cassettes",
    "scrub_request",
]

_SERIALIZER = "wire.yaml"
_MATCHER = "esignwire"
_NO_WRAPPING = 1_000_000
_VERSION = 1


class _Request(Protocol):
    """vcrpy's request."""

    method: str
    uri: str
    body: bytes | None
    headers: Mapping[str, str]


class _Recorder(Protocol):
    """vcrpy's ``VCR``, as far as it is needed here."""

    def register_serializer(self, name: str, serializer: object) -> None: ...

    def register_matcher(
        self, name: str, matcher: Callable[[_Request, _Request], None]
    ) -> None: ...


def _content_type(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")


def _soap_action(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "soapaction"), "")


def scrub_request(request: _Request) -> _Request:
    """Makes the request that is recorded, or compared with recorded ones.

    Args:
        request: The request that was made.

    Returns:
        A copy of it without secrets; the request itself is left as it is.
    """
    scrubbed = copy.copy(request)
    scrubbed.body = scrub_body(request.body or b"", request.uri)
    scrubbed.headers = scrub_headers(request.headers)
    scrubbed.uri = scrub_uri(request.uri)
    return scrubbed


def match(one: _Request, other: _Request) -> None:
    """Compares two scrubbed requests.

    Args:
        one: A request.
        other: Another.

    Raises:
        AssertionError: They differ; the message says in what.
    """
    first, second = urlsplit(one.uri), urlsplit(other.uri)
    _require_same("method", one.method, other.method)
    _require_same("path", first.path, second.path)
    _require_same("query", first.query, second.query)
    _require_same("SOAPAction", _soap_action(one.headers), _soap_action(other.headers))
    _require_same(
        "body",
        canonical(one.body or b"", _content_type(one.headers)),
        canonical(other.body or b"", _content_type(other.headers)),
    )


def _require_same(what: str, one: object, other: object) -> None:
    if one != other:
        # vcrpy tells a match from a mismatch by this exception.
        raise AssertionError(f"the {what} differs: {one!r} and {other!r}")


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML comes without types
    """YAML as people write it: texts of several lines stand as they are."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML gives it
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType] - half typed
        "tag:yaml.org,2002:str", text, style=style
    )


_Dumper.add_representer(str, _represent_text)


class CassetteSerializer:
    """Writes cassettes for people and reads them again. It has the form that vcrpy wants."""

    @staticmethod
    def serialize(cassette: Mapping[str, object]) -> str:
        """Writes a cassette.

        Args:
            cassette: vcrpy's structure, with scrubbed requests.

        Returns:
            YAML.
        """
        interactions = cast("list[dict[str, dict[str, object]]]", cassette["interactions"])
        written = {
            "version": _VERSION,
            "interactions": [
                {
                    "request": _written_request(one["request"]),
                    "response": _written_response(one["response"], str(one["request"]["uri"])),
                }
                for one in interactions
            ],
        }
        text: str = yaml.dump(
            written, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NO_WRAPPING
        )
        return text

    @staticmethod
    def deserialize(text: str) -> dict[str, object]:
        """Reads a cassette.

        Args:
            text: What ``serialize`` wrote. It is read as data: nothing in it is run.

        Returns:
            vcrpy's structure.

        Raises:
            ValueError: It is no cassette of this kind.
        """
        found: object = yaml.safe_load(text)
        cassette = cast("dict[str, object]", found if isinstance(found, dict) else {})
        if cassette.get("version") != _VERSION:
            raise ValueError(f"this is no cassette of version {_VERSION}")
        interactions = cast("list[dict[str, dict[str, object]]]", cassette["interactions"])
        return {
            "version": _VERSION,
            "interactions": [
                {
                    "request": _read_request(one["request"]),
                    "response": _read_response(one["response"]),
                }
                for one in interactions
            ],
        }


def _first_values(headers: object) -> dict[str, str]:
    return {
        name: values[0] if isinstance(values, list) else str(values)
        for name, values in cast("dict[str, list[str] | str]", headers).items()
    }


def _bytes(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"" if body is None else str(body).encode("utf-8")


def _written_request(request: dict[str, object]) -> dict[str, object]:
    headers = _first_values(request["headers"])
    written: dict[str, object] = {"method": request["method"], "uri": request["uri"]}
    return _with_body(written, headers, _bytes(request["body"]))


def _written_response(response: dict[str, object], uri: str) -> dict[str, object]:
    body = cast("dict[str, object]", response["body"])
    # The answer is scrubbed here, where the address that it comes from is known.
    content = scrub_body(_bytes(body["string"]), uri)
    status = cast("dict[str, object]", response["status"])
    headers = scrub_headers(_first_values(response["headers"]))
    return _with_body({"status": status["code"]}, headers, content)


def _with_body(
    written: dict[str, object], headers: dict[str, str], content: bytes
) -> dict[str, object]:
    written["headers"] = headers
    if content:
        written["body"] = to_readable(content, _content_type(headers))
    return written


def _read_body(written: dict[str, object]) -> bytes:
    return from_readable(cast("Readable", written.get("body", "")))


def _read_headers(written: dict[str, object]) -> dict[str, list[str]]:
    headers = cast("dict[str, str]", written["headers"])
    return {name: [value] for name, value in headers.items()}


def _read_request(written: dict[str, object]) -> dict[str, object]:
    return {
        "method": written["method"],
        "uri": written["uri"],
        "body": _read_body(written),
        "headers": _read_headers(written),
    }


def _read_response(written: dict[str, object]) -> dict[str, object]:
    return {
        "status": {"code": written["status"], "message": None},
        "headers": _read_headers(written),
        "body": {"string": _read_body(written)},
    }


def cassette_settings() -> dict[str, object]:
    """What to give to vcrpy, or to return from pytest-recording's fixture ``vcr_config``.

    Returns:
        The settings. They need ``register_cassettes``, which the pytest plugin calls.
    """
    return {
        "serializer": _SERIALIZER,
        "match_on": [_MATCHER],
        "before_record_request": scrub_request,
    }


def register_cassettes(recorder: _Recorder) -> None:
    """Makes serializer and matcher known to vcrpy, for the cassettes that ask for them.

    Args:
        recorder: vcrpy's ``VCR``.
    """
    recorder.register_serializer(_SERIALIZER, CassetteSerializer)
    recorder.register_matcher(_MATCHER, match)
