"""Replies of Constellation1: first what kind they are, then what they say.

The vendor documents no HTTP statuses, no codes and no carrier of its error messages; only that a
token that it does not take is answered with "null", and the texts of some errors, which all begin
with ``Error:``. So each reading of these words is tried, the surest first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn, TypeVar, cast

from esignwire._call import Call, status_error, unexpected
from esignwire._http import HttpResponse
from esignwire._json import Answer, Reading, Sent, decode, parse, secrets_of
from esignwire._secrets import MASK, QuotedSecrets
from esignwire.errors import (
    AccountRefused,
    Constellation1Error,
    EsignWireError,
    ResponseError,
    SessionNotFound,
    TokenRefused,
    UnexpectedResponse,
    UserNotFound,
)
from esignwire_generated.constellation1.models import RequestResponse, SessionResponse
from esignwire_generated.constellation1.names import ERRORS

__all__ = ["NotDone", "Reply", "Secrets"]

_Answer = TypeVar("_Answer", bound=Answer)

_ZERO_GUID = re.compile(r"[{(]?0{8}-?(?:0{4}-?){3}0{12}[)}]?")
# The text that an HTTP header may hold.
_HEADER_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_LONGEST_TEXT = 2_000
_HINTS = {404: "check the URL and the session id"}

# What the vendor quotes of a file or a picture: its bytes as numbers, or base64.
_QUOTED_FILE = re.compile(r"\d{1,3}(?:\s*,\s*\d{1,3}){15,}|[A-Za-z0-9+/]{200,}={0,2}")

# Where the vendor's error messages stand is not published; what bears such a name is taken for one.
_REFUSING = frozenset(
    {"error", "errors", "errormessage", "errormessages", "exception", "exceptionmessage", "fault"}
)
_SUCCEEDING = frozenset({"success", "issuccess", "succeeded", "successful"})

# Errors that waiting does not mend.
_FINAL = (AccountRefused, SessionNotFound, UserNotFound)


class Secrets:
    """Hides the secrets of one call in whatever the vendor says back.

    Args:
        *values: The API key, what the vendor made of it, and what was sent. They are gone through
            where the vendor said something.
    """

    def __init__(self, *values: Sent | str) -> None:
        self._values = values

    @cached_property
    def _quoted(self) -> QuotedSecrets:
        found: list[str] = []
        for one in self._values:
            found += secrets_of(one, is_secret=isinstance(one, str))
        return QuotedSecrets(found)

    def hide(self, text: str) -> str:
        """Masks each secret, and makes a text safe to print: at most 2,000 characters of it."""
        # One character more than is shown tells whether the text goes on.
        masked = _QUOTED_FILE.sub(MASK, self._quoted.mask(text, _LONGEST_TEXT + 1))
        clean = masked.encode("utf-8", errors="replace").decode("utf-8")
        return clean if len(clean) <= _LONGEST_TEXT else clean[: _LONGEST_TEXT - 3] + "..."


@dataclass(frozen=True, slots=True)
class NotDone:
    """The vendor answered False; waiting may help, unless the account or the session is unknown."""

    error: EsignWireError
    may_pass: bool


def _texts(value: object) -> list[str]:
    """The texts of a member; of a list those that stand in it, not those within its objects."""
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value).values()
        return [text for one in inner for text in _texts(one)]
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _refusals(members: Mapping[str, object]) -> Iterator[str]:
    """What an answer says of errors."""
    for name, value in members.items():
        is_named = name.lower() in _REFUSING
        texts = _texts(value)
        for text in texts:
            if _is_error(text):
                yield text
            elif is_named and text.strip():
                yield f"Error: {text}"
        is_false = str(value).strip().lower() == "false"
        if is_named and isinstance(value, Mapping) and value and not texts:
            yield f"Error: {json.dumps(value)}"
        if name.lower() in _SUCCEEDING and is_false:
            yield f"Error: {name} is False"


def _is_error(text: str) -> bool:
    return text.strip().lower().startswith("error:")


def _is_nothing(value: object) -> bool:
    if isinstance(value, str):
        return bool(_ZERO_GUID.fullmatch(value.strip()))
    return value is None or (
        isinstance(value, list) and all(map(_is_nothing, cast("list[object]", value)))
    )


class Reply:
    """One answer, told apart.

    Args:
        response: The HTTP answer.
        call: The call, for errors.
        secrets: What must not show in an error.
        is_once: Whether a second call would make a second thing. Then only an answer that says so
            in words, or the documented null, counts as a refused token; what may mean it is an
            ``UnexpectedResponse``.

    Raises:
        TokenRefused: The whole answer is null, its text says so, or HTTP 401 or 403.
        Constellation1Error: An HTTP error that carries one of the vendor's messages, or a
            message alone; or a refused token beside a session that the call did not name.
        HttpStatusError: An HTTP error or a redirection without one.
        ResponseError: Not a JSON object; see ``decode`` and ``parse``.
    """

    def __init__(
        self, response: HttpResponse, call: Call, secrets: Secrets, *, is_once: bool = False
    ) -> None:
        self._call = call
        self._secrets = secrets
        self._is_once = is_once
        self.http_status: int = response.status
        self._members: Mapping[str, object] = {}
        self._errors: list[str] = []
        if not 200 <= response.status < 300:
            self._refuse_status(response)
        text = decode(response.content, call, response.status)
        if _is_error(text):
            raise self._error(text)
        value = parse(text, call, response.status)
        if value is None:
            raise self._token_refused(None, is_sure=True)
        if isinstance(value, str) and _is_error(value):
            raise self._error(value)
        if not isinstance(value, dict):
            raise self._unexpected("the answer is JSON, but not an object", None)
        self._members = cast("dict[str, object]", value)
        self._errors = list(_refusals(self._members))
        words = {
            str(one).strip().lower()
            for name, one in self._members.items()
            if name.lower() == "returnvalue" and one is not None
        }
        if len(words) > 1:
            raise self._unexpected("the answer has two values of ReturnValue", "ReturnValue")
        for text in self._errors:
            if _kind_of(text) is TokenRefused:
                raise self._contradiction(text) if words == {"true"} else self._error(text)

    def answer(self, kind: type[_Answer], reading: Reading) -> _Answer | NotDone:
        """Reads the answer of a call, or why the vendor said False where it must say True or False.

        Raises:
            TokenRefused: What must hold something is null.
            Constellation1Error: An error message, False, or details without anything else.
            UnexpectedResponse: An empty object, or neither True nor False.
        """
        answer = kind.read(self._members)
        general = RequestResponse.read(self._members)
        words = "; ".join(general.details)
        if words and "details" in kind.model_fields:
            # The vendor's own words, which may quote what was sent.
            hidden = tuple(map(self._secrets.hide, general.details))
            answer = answer.model_copy(update={"details": hidden})
        word = str(general.return_value).strip().lower()
        if word == "false":
            not_done = self._not_done(words or next(iter(self._errors), None))
            if reading == "flag":
                return not_done
            raise not_done.error
        if word == "true" and reading == "flag" and not self._errors:
            return answer
        for text in self._errors:
            if word == "true" and reading == "flag":
                raise self._contradiction(text)
            raise self._error(text)
        if reading == "flag" or (reading == "report" and word != "true"):
            self._refuse_without_value(words, is_strict=reading == "flag")
        if reading in {"text", "secret"}:
            self._require_text(general, words, is_secret=reading == "secret")
        if reading in {"list", "object"}:
            self._refuse_nothing(answer, words, is_list=reading == "list")
        return answer

    def _require_text(self, general: RequestResponse, words: str, *, is_secret: bool) -> None:
        """Refuses an answer whose ReturnValue is no text; a secret goes into a header."""
        value = general.return_value
        if not isinstance(value, str):
            self._refuse_without_value(words, is_strict=False)
        if not isinstance(value, str) or not value.strip():
            raise self._unexpected("ReturnValue is not a text", "ReturnValue")
        if is_secret and not _HEADER_TEXT.fullmatch(value):
            raise self._unexpected(
                "ReturnValue is not a text that a header can carry", "ReturnValue"
            )

    def _contradiction(self, text: str) -> UnexpectedResponse:
        words = self._secrets.hide(text.strip())
        return self._unexpected(f"the answer says True, and an error beside it: {words}", None)

    def _not_done(self, text: str | None) -> NotDone:
        error = (
            self._error(text)
            if text is not None
            else Constellation1Error(
                "the vendor answered False and gave no reason",
                **self._call.where,
                http_status=self.http_status,
            )
        )
        return NotDone(error, may_pass=not isinstance(error, _FINAL))

    def _refuse_without_value(self, words: str, *, is_strict: bool) -> None:
        """Refuses an answer whose ReturnValue does not say that the call was carried out."""
        names = {name.lower(): value for name, value in self._members.items()}
        if "returnvalue" in names and names["returnvalue"] is None:
            raise self._token_refused(words or None)
        if is_strict:
            raise self._unexpected("ReturnValue is neither True nor False", "ReturnValue")
        if not self._members:
            raise self._unexpected("the answer is an empty object", None)
        if words:
            raise self._error(words)
        if all(value is None for value in self._members.values()):
            raise self._token_refused(None)

    def _refuse_nothing(self, answer: Answer, words: str, *, is_list: bool) -> None:
        """Refuses an answer that holds nothing."""
        if not self._members:
            raise self._unexpected("the answer is an empty object", None)
        values = self._members.values()
        if all(value is None if is_list else _is_nothing(value) for value in values):
            raise self._token_refused(None)
        if words and all(
            value is None or value == () for name, value in answer if name in _known(answer)
        ):
            raise self._error(words)

    def _refuse_status(self, response: HttpResponse) -> NoReturn:
        text = self._text_of(response)
        # A refusal in other words than those about the token is what they say, where a second call
        # would make a second thing.
        is_other = self._is_once and text is not None and _kind_of(text) is not TokenRefused
        if response.status in {401, 403} and not is_other:
            raise self._token_refused(text)
        if text is not None:
            raise self._error(text)
        raise status_error(response.status, self._call, "message of the vendor's", _HINTS)

    def _text_of(self, response: HttpResponse) -> str | None:
        """The vendor's error message in an HTTP error, where it has one."""
        try:
            text = decode(response.content, self._call, response.status)
            if _is_error(text):
                return text
            value = parse(text, self._call, response.status)
        except ResponseError:
            # The body is not readable, so the HTTP status is reported.
            return None
        found = next((one for one in _texts(value) if _is_error(one)), None)
        if isinstance(value, dict):
            self._members = cast("dict[str, object]", value)
        return found

    def _error(self, text: str) -> Constellation1Error | UnexpectedResponse:
        """The error for a message of the vendor's."""
        kind = _kind_of(text)
        if kind is TokenRefused:
            return self._token_refused(text)
        words = self._secrets.hide(text.strip())
        known = self._new_session()
        if known is not None:
            return self._named(words, words, known)
        return kind(words, **self._call.where, http_status=self.http_status, vendor_text=words)

    def _new_session(self) -> str | None:
        """The session that the answer names, where it is not the one that the call is about."""
        answer = SessionResponse.read(self._members)
        ids = [answer.signing_session_id]
        for session in answer.sessions:
            ids += [session.signing_session_id, session.id]
        named = [str(found) for found in ids if found is not None]
        return next((found for found in named if found != self._call.reference), None)

    def _named(self, why: str, words: str | None, session_id: str) -> Constellation1Error:
        return Constellation1Error(
            f"{why}; the answer names the session {session_id}: look at it before you repeat the"
            " call",
            **self._call.where,
            http_status=self.http_status,
            vendor_text=words,
            session_id=session_id,
        )

    def _token_refused(
        self, text: str | None, *, is_sure: bool = False
    ) -> Constellation1Error | UnexpectedResponse:
        words = None if text is None else self._secrets.hide(text.strip())
        known = self._new_session()
        if known is not None:
            # The vendor has made a session, so the call must not be repeated with a new token.
            return self._named(words or "the vendor refused the token", words, known)
        said = "" if words is None else f": {words}"
        is_said = is_sure or (text is not None and _kind_of(text) is TokenRefused)
        if self._is_once and not is_said:
            return self._unexpected(f"the answer may mean that the token expired{said}", None)
        return TokenRefused(
            f"the vendor refused the token, so it did nothing; check that the API key belongs to an"
            f" administrative account{said}",
            **self._call.where,
            http_status=self.http_status,
            vendor_text=words,
            is_retry_safe=True,
        )

    def _unexpected(self, why: str, path: str | None) -> UnexpectedResponse:
        return unexpected(why, path, self._call, self.http_status)


def _kind_of(text: str) -> type[Constellation1Error]:
    stripped = text.strip()
    return next((kind for pattern, kind in ERRORS if pattern.search(stripped)), Constellation1Error)


def _known(answer: Answer) -> set[str]:
    return type(answer).model_fields.keys() - {"details"}
