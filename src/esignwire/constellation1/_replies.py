"""Replies of Constellation1: first what kind they are, then what they say.

The vendor documents no HTTP statuses, no codes and no carrier of its error messages; only that a
token that it does not take is answered with "null", and the texts of some errors, which all begin
with ``Error:``. So each reading of these words is tried, the surest first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from esignwire._call import Call, status_error, unexpected
from esignwire._http import HttpResponse
from esignwire._secrets import QuotedSecrets
from esignwire.constellation1._json import decode, parse
from esignwire.constellation1.outcomes import CreatedSession, RequestResponse, SessionResponse
from esignwire.errors import (
    Constellation1Error,
    ResponseError,
    TokenRefused,
    UnexpectedResponse,
)

__all__ = ["NotDone", "Reply", "Secrets"]

_ZERO_GUID = re.compile(r"[{(]?0{8}-?(?:0{4}-?){3}0{12}[)}]?")
# The text that an HTTP header may hold.
_HEADER_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_LONGEST_TEXT = 2_000
_HINTS = {404: "check the URL and the session id"}

# Documented texts that refuse a token.
_TOKEN_TEXTS = ("error: invalid token", "error: bad token information")
# Documented texts that refuse the account, so that waiting does not help.
_ACCOUNT_TEXTS = (
    "error: invalid api key",
    "error: invalid user account",
    "error: username not found",
)
# No text for a session that the vendor does not know is documented; these words are inferred.
_UNKNOWN_SESSION = re.compile(
    r"\b(?:no|unknown|invalid) (?:signing )?session\b"
    r"|\bsession\b.{0,60}\b(?:not found|not be found|not exist|unknown|is invalid)\b",
    re.IGNORECASE | re.DOTALL,
)


class Secrets:
    """Hides the secrets of one call in whatever the vendor says back.

    Args:
        values: The API key, and what the vendor made of it.
    """

    def __init__(self, *values: str) -> None:
        self._quoted = QuotedSecrets(values)

    def hide(self, text: str) -> str:
        """Masks each secret, and makes the text safe to print.

        Args:
            text: The vendor's words.

        Returns:
            The words, at most 2,000 characters of them.
        """
        # One character more than is shown tells whether the text goes on.
        masked = self._quoted.mask(text, _LONGEST_TEXT + 1)
        clean = masked.encode("utf-8", errors="replace").decode("utf-8")
        return clean if len(clean) <= _LONGEST_TEXT else clean[: _LONGEST_TEXT - 3] + "..."


@dataclass(frozen=True, slots=True)
class NotDone:
    """The vendor answered False.

    Args:
        text: The vendor's words; ``None`` where it gave none.
        may_pass: Whether waiting may help: not where the account or the session is unknown.
        http_status: The HTTP status.
    """

    text: str | None
    may_pass: bool
    http_status: int


def _texts(members: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    for value in members.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            items = cast("list[object]", value)
            found += [item for item in items if isinstance(item, str)]
    return found


def _is_error(text: str) -> bool:
    return text.strip().lower().startswith("error:")


def _is_nothing(value: object) -> bool:
    if isinstance(value, str):
        return bool(_ZERO_GUID.fullmatch(value.strip()))
    return value is None or value == []


class Reply:
    """One answer, told apart.

    Args:
        response: The HTTP answer.
        call: The call, for errors.
        secrets: What must not show in an error.

    Raises:
        TokenRefused: The whole answer is null, its text says so, or HTTP 401 or 403.
        Constellation1Error: An HTTP error that carries one of the vendor's messages, or a
            message alone; or a refused token beside a session that the call did not name.
        HttpStatusError: An HTTP error or a redirection without one.
        ResponseError: Not a JSON object; see ``decode`` and ``parse``.
    """

    def __init__(self, response: HttpResponse, call: Call, secrets: Secrets) -> None:
        self._call = call
        self._secrets = secrets
        self.http_status: int = response.status
        self._members: Mapping[str, object] = {}
        if not 200 <= response.status < 300:
            self._refuse_status(response)
        text = decode(response.content, call, response.status)
        if _is_error(text):
            self._raise_vendor_text(text)
        value = parse(text, call, response.status)
        if value is None:
            raise self._token_refused(None)
        if isinstance(value, str) and _is_error(value):
            self._raise_vendor_text(value)
        if not isinstance(value, dict):
            raise self._unexpected("the answer is JSON, but not an object", None)
        self._members = cast("dict[str, object]", value)
        for text in _texts(self._members):
            if text.strip().lower().startswith(_TOKEN_TEXTS):
                raise self._token_refused(text)

    def flag(self) -> RequestResponse | NotDone:
        """Reads the answer of a call that succeeds or not.

        Returns:
            The answer where it says True; otherwise why not.

        Raises:
            TokenRefused: ``ReturnValue`` is null.
            Constellation1Error: An error message without True or False.
            UnexpectedResponse: Neither True nor False.
        """
        answer = RequestResponse.read(self._members)
        word = str(answer.return_value).strip().lower()
        if word == "true":
            return answer
        if word == "false":
            text = "; ".join(answer.details) or next(iter(self._errors()), None)
            is_final = text is not None and (
                text.strip().lower().startswith(_ACCOUNT_TEXTS)
                or _UNKNOWN_SESSION.search(text) is not None
            )
            return NotDone(
                text=None if text is None else self._secrets.hide(text),
                may_pass=not is_final,
                http_status=self.http_status,
            )
        self._refuse_without_value(answer)
        raise self._unexpected("ReturnValue is neither True nor False", "ReturnValue")

    def secret(self) -> str:
        """Reads the answer of EncryptString or GetToken.

        Returns:
            ``ReturnValue``, fit to stand in a header.

        Raises:
            TokenRefused: ``ReturnValue`` is null.
            Constellation1Error: An error message instead.
            UnexpectedResponse: No text, or one that no header can carry.
        """
        answer = RequestResponse.read(self._members)
        for text in self._errors():
            self._raise_vendor_text(text)
        self._refuse_without_value(answer)
        value = answer.return_value
        if not isinstance(value, str) or not _HEADER_TEXT.fullmatch(value):
            raise self._unexpected(
                "ReturnValue is not a text that a header can carry", "ReturnValue"
            )
        return value

    def session(self) -> SessionResponse:
        """Reads the answer of a call about a session.

        Returns:
            The answer; whether it has a session id is for the caller to look at.

        Raises:
            TokenRefused: ``ReturnValue``, or everything, is null.
            Constellation1Error: An error message.
            UnexpectedResponse: An empty object.
        """
        answer = SessionResponse.read(self._members)
        for text in self._errors():
            self._raise_vendor_text(text)
        if not self._members:
            raise self._unexpected("the answer is an empty object", None)
        if all(_is_nothing(value) for value in self._members.values()):
            raise self._token_refused(None)
        if answer.session_id is None and not answer.sessions and answer.details:
            self._raise_vendor_text("; ".join(answer.details))
        return answer

    def created(self) -> CreatedSession:
        """Reads the answer of CreateSession.

        Returns:
            The new session.

        Raises:
            TokenRefused: ``ReturnValue``, or everything, is null.
            Constellation1Error: An error message.
            UnexpectedResponse: The answer names no session.
        """
        response = self.session()
        if response.session_id is None:
            raise self._unexpected(
                "the answer has no SigningSessionId, or one that is no GUID", "SigningSessionId"
            )
        return CreatedSession(session_id=response.session_id, response=response)

    def _errors(self) -> list[str]:
        return [text for text in _texts(self._members) if _is_error(text)]

    def _refuse_without_value(self, answer: RequestResponse) -> None:
        for text in self._errors():
            self._raise_vendor_text(text)
        names = {name.lower(): value for name, value in self._members.items()}
        if "returnvalue" in names and names["returnvalue"] is None:
            raise self._token_refused("; ".join(answer.details) or None)

    def _refuse_status(self, response: HttpResponse) -> NoReturn:
        text = self._text_of(response)
        if response.status in {401, 403}:
            raise self._token_refused(text)
        if text is not None:
            self._raise_vendor_text(text)
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
        members = {"": value}
        if isinstance(value, dict):
            members = self._members = cast("dict[str, object]", value)
        return next((found for found in _texts(members) if _is_error(found)), None)

    def _raise_vendor_text(self, text: str) -> NoReturn:
        if text.strip().lower().startswith(_TOKEN_TEXTS):
            raise self._token_refused(text)
        words = self._secrets.hide(text.strip())
        known = self._new_session()
        if known is not None:
            raise self._named(words, words, known)
        raise Constellation1Error(
            words,
            **self._call.where,
            http_status=self.http_status,
            vendor_text=words,
        )

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

    def _token_refused(self, text: str | None) -> Constellation1Error:
        words = None if text is None else self._secrets.hide(text.strip())
        known = self._new_session()
        if known is not None:
            # The vendor has made a session, so the call must not be repeated with a new token.
            return self._named(words or "the vendor refused the token", words, known)
        said = "" if words is None else f": {words}"
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
