"""Cassettes for pytest-recording and vcrpy: readable, without secrets, matched by meaning.

A request matches where method, path, query, SOAPAction and body agree; bodies are compared as
canonical XML, as JSON values, or as the fields of a form or the parts of a package. Both sides are
scrubbed first, so that secrets and salts need not be the same as when the cassette was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar, cast

from esignwire._extras import needs
from esignwire.testing._bodies import Readable, from_readable, to_readable
from esignwire.testing._matching import MATCHERS
from esignwire.testing._scrubbing import Request, Scrubber, header_of

with needs("testing"):
    import yaml

__all__ = [
    "MATCHERS",
    "CassetteSerializer",
    "Scrubber",
    "cassette_settings",
    "register_cassettes",
    "scrub_request",
]

_Request = TypeVar("_Request", bound=Request)

_SERIALIZER = "wire.yaml"
_NO_WRAPPING = 1_000_000
_VERSION = 1


class _Recorder(Protocol):
    """vcrpy's ``VCR``, as far as it is needed here."""

    def register_serializer(self, name: str, serializer: object) -> None: ...

    def register_matcher(self, name: str, matcher: Callable[[Request, Request], None]) -> None: ...


def scrub_request(request: _Request) -> _Request:
    """Makes a request without secrets, for a vcrpy configuration of your own.

    Args:
        request: The request that was made.

    Returns:
        A copy of it; the request itself is left as it is. A ``Scrubber`` does more: it knows the
        secrets of a whole cassette.
    """
    return Scrubber().request(request)


class _Dumper(yaml.SafeDumper):
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
        # What was recorded without the settings' scrubber is scrubbed here.
        scrubber = Scrubber()
        interactions = cast("list[dict[str, dict[str, object]]]", cassette["interactions"])
        written = {
            "version": _VERSION,
            "interactions": [
                {
                    "request": _written_request(scrubber.request(_Recorded(one["request"]))),
                    "response": _written_response(scrubber.response(one["response"])),
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


class _Recorded:
    """A request as vcrpy hands it to a serializer."""

    def __init__(self, request: Mapping[str, object]) -> None:
        self.method = str(request["method"])
        self.uri = str(request["uri"])
        self.body: bytes | None = _bytes(request["body"])
        self.headers: Mapping[str, str] = _first_values(request["headers"])


def _first_values(headers: object) -> dict[str, str]:
    return {
        name: values[0] if isinstance(values, list) else str(values)
        for name, values in cast("dict[str, list[str] | str]", headers).items()
    }


def _bytes(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"" if body is None else str(body).encode("utf-8")


def _written_request(request: Request) -> dict[str, object]:
    written: dict[str, object] = {"method": request.method, "uri": request.uri}
    return _with_body(written, request.headers, request.body or b"")


def _written_response(response: dict[str, object]) -> dict[str, object]:
    body = cast("dict[str, object]", response["body"])
    status = cast("dict[str, object]", response["status"])
    headers = _first_values(response["headers"])
    return _with_body({"status": status["code"]}, headers, _bytes(body["string"]))


def _with_body(
    written: dict[str, object], headers: Mapping[str, str], content: bytes
) -> dict[str, object]:
    written["headers"] = dict(headers)
    if content:
        written["body"] = to_readable(content, header_of(headers, "content-type"))
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
        The settings, with a scrubber of their own. They need ``register_cassettes``, which the
        pytest plugin calls.
    """
    scrubber = Scrubber()
    return {
        "serializer": _SERIALIZER,
        "match_on": list(MATCHERS),
        "before_record_request": scrubber.request,
        "before_record_response": scrubber.response,
    }


def register_cassettes(recorder: _Recorder) -> None:
    """Makes serializer and matchers known to vcrpy, for the cassettes that ask for them.

    Args:
        recorder: vcrpy's ``VCR``.
    """
    recorder.register_serializer(_SERIALIZER, CassetteSerializer)
    for name, matcher in MATCHERS.items():
        recorder.register_matcher(name, matcher)
