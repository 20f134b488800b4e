"""Requests to SIGNiX: the key of a transaction, its parties, and commands, checked before sending.

- Only one element of a party may change in one ``Transaction_SaveDeltas``.
- The vendor may run the commands of a multi-request in any order, so that none may depend on
  another: cancel, suspend and resume belong in a request of their own.
- Two changes of one thing depend on their order too, and so does an e-mail to an address that
  another command changes (inferred).

All but the last is documented.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from esignwire.errors import InvalidRequest
from esignwire.signix.commands import Command
from esignwire.signix.settings import VENDOR

__all__ = [
    "TransactionKey",
    "kind_shown",
    "member_number",
    "ref_ids_of",
    "require_texts",
    "shown",
    "write_batch",
    "write_command",
]

_COMMAND_TYPES: tuple[type, ...] = get_args(Command)

_ORDER_DEPENDENT = frozenset({"transaction_cancel", "transaction_suspend", "transaction_resume"})

_SAVES_DELTAS = "transaction_savedeltas"

_EMAILS = "emailAddressTable"

_SUBMIT_AJAX = "SubmitAjax"

_TRANSACTION_ID_LENGTH = 36

_LONGEST_VALUE = 60

_MOST_SHOWN = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionKey:
    """A transaction, by exactly one of its identifiers.

    Args:
        document_set_id: The identifier that SIGNiX gave it.
        transaction_id: The identifier that its submitter chose: exactly 36 characters of any kind
            (documented).

    Raises:
        InvalidRequest: Both or neither is given, or one cannot be right.
    """

    document_set_id: str | None = None
    transaction_id: str | None = None

    def __post_init__(self) -> None:
        if (self.document_set_id is None) is (self.transaction_id is None):
            given = "neither is" if self.document_set_id is None else "both are"
            raise _refused(
                "name the transaction by its document_set_id or by its transaction_id, exactly one"
                f" of them; {given} given",
                "SubmitAjaxRq/Data",
                "exactly one of DocumentSetID and TransactionID",
            )
        for name, value in (
            ("document_set_id", self.document_set_id),
            ("transaction_id", self.transaction_id),
        ):
            if value is not None and not _is_text(value):
                raise _refused(
                    f"{name} must be a str and is of type {type(value).__name__}: give it as text,"
                    " such as str(uuid)",
                    "SubmitAjaxRq/Data",
                    "a str",
                )
        if self.document_set_id is not None and not self.document_set_id.strip():
            raise _refused(
                "document_set_id is empty: give the DocumentSetID that SubmitDocument returned",
                "SubmitAjaxRq/Data/DocumentSetID",
                "not empty",
                self.document_set_id,
            )
        transaction_id = self.transaction_id
        if transaction_id is not None and len(transaction_id) != _TRANSACTION_ID_LENGTH:
            raise _refused(
                f"transaction_id must have exactly {_TRANSACTION_ID_LENGTH} characters and has"
                f" {len(transaction_id)}: give the TransactionID as it was submitted, blanks"
                " included",
                "SubmitAjaxRq/Data/TransactionID",
                f"exactly {_TRANSACTION_ID_LENGTH} characters",
                transaction_id if len(transaction_id) <= 2 * _TRANSACTION_ID_LENGTH else None,
            )

    def of_vendor(self, method: str) -> str:
        """The DocumentSetID, for web methods that are not known to take a TransactionID.

        Raises:
            InvalidRequest: The transaction is named by its TransactionID.
        """
        if self.document_set_id is None:
            raise _refused(
                f"{method} takes no TransactionID: make the handle with the DocumentSetID",
                f"{method}Rq/Data/DocumentSetID",
                "the DocumentSetID",
                operation=method,
            )
        return self.document_set_id


def ref_ids_of(parties: Iterable[str]) -> tuple[str, ...]:
    """Reads the argument ``parties`` of a handle: the RefID of each party.

    Raises:
        InvalidRequest: It is no list of texts.
    """
    given = cast("object", parties)
    if not isinstance(given, str) and isinstance(given, Iterable):
        listed = tuple(parties)
        if all(map(_is_text, listed)):
            return listed
    raise _refused(
        f"parties must be a list of RefIDs, each a str, and {kind_shown(parties)} came",
        "parties",
        "a list of str",
    )


def member_number(party: str | int, parties: Sequence[str]) -> int:
    """Finds the position of a party, 1 being the first, by its RefID or its position.

    Raises:
        InvalidRequest: There is no such party, or none is known.
    """
    if isinstance(party, int) and not isinstance(party, bool):
        if party >= 1 and not 0 < len(parties) < party:
            return party
    elif party in parties:
        return parties.index(party) + 1
    if parties:
        rule = f"one of {', '.join(map(repr, parties))}, or a position from 1 to {len(parties)}"
    else:
        rule = (
            "a position, 1 being the first, where the handle does not know the parties; name them"
            " with signix.transaction(..., parties=[...])"
        )
    raise _refused(
        f"party must be {rule}, and {shown(party)} came",
        "GetAccessLinkRq/Data/MemberInfoNumber",
        "a party of the transaction",
        operation="GetAccessLink",
    )


def require_texts(**arguments: object) -> None:
    """Refuses arguments of a command that are no text.

    Args:
        **arguments: The arguments by their names.

    Raises:
        InvalidRequest: One of them is no ``str``, or holds half a character.
    """
    for name, value in arguments.items():
        if not isinstance(value, str):
            what = f"{name} must be a str, and {kind_shown(value)} came"
        elif value.encode("utf-8", "ignore").decode() != value:
            what = f"{name} holds a lone surrogate, which is no character"
        else:
            continue
        raise _refused(what, name, "a str", operation=_SUBMIT_AJAX)


def write_command(command: Command, path: str = "SubmitAjaxRq/Data/Request") -> str:
    """Writes the JSON of a command for a request of its own; ``path`` is where it goes, for errors.

    Raises:
        InvalidRequest: It is no command, or changes more than one element of a party.
    """
    if not isinstance(command, _COMMAND_TYPES):
        raise _refused(
            f"a command was due and a {type(command).__name__} came: use one of the commands of"
            " esignwire.signix, or RawCommand",
            path,
            "must be a command",
            operation=_SUBMIT_AJAX,
        )
    text = command.to_json()
    if _SAVES_DELTAS not in text.lower():
        return text
    changes = Counter(ref_id for ref_id, _ in _changes(_parsed(text)))
    for ref_id, count in changes.items():
        if count > 1:
            raise _refused(
                f"one Transaction_SaveDeltas changes {count} elements of the party {ref_id!r}, and"
                " SIGNiX allows one: send a command for each",
                path,
                "one element of a party in a request",
                operation=_SUBMIT_AJAX,
            )
    return text


def write_batch(commands: Iterable[Command]) -> tuple[tuple[Command, ...], list[str]]:
    """Writes the JSON of each command for one multi-request.

    Raises:
        InvalidRequest: There is none, or the outcome could depend on their order.
    """
    given = cast("object", commands)
    if not isinstance(given, Iterable):
        raise _refused(
            f"commands must be a list of commands, and {kind_shown(given)} came: use run for one",
            "SubmitAjaxRq/Data/Requests",
            "a list of commands",
            operation=_SUBMIT_AJAX,
        )
    batch = tuple(commands)
    if not batch:
        raise _refused(
            "there is no command to run: give at least one",
            "SubmitAjaxRq/Data/Requests",
            "at least one command",
            operation=_SUBMIT_AJAX,
        )
    texts = [
        write_command(command, f"SubmitAjaxRq/Data/Requests/Request[{number}]")
        for number, command in enumerate(batch, start=1)
    ]
    for number, command in enumerate(batch, start=1):
        if command.object_type.lower() in _ORDER_DEPENDENT:
            raise _refused(
                f"{command.object_type} depends on the order, and SIGNiX may run the commands of a"
                " multi-request in any: run it by itself",
                f"SubmitAjaxRq/Data/Requests/Request[{number}]",
                "no command whose order matters",
                operation=_SUBMIT_AJAX,
            )
    _check_independence([_parsed(text) for text in texts])
    return batch, texts


def _check_independence(documents: Sequence[dict[str, object]]) -> None:
    changed: dict[tuple[str, str], int] = {}
    for number, document in enumerate(documents, start=1):
        for change in _changes(document):
            earlier = changed.setdefault(change, number)
            if earlier != number:
                raise _refused(
                    f"the commands {earlier} and {number} change the same thing of the party"
                    f" {change[0]!r}, and SIGNiX may run them in any order: keep one of them",
                    f"SubmitAjaxRq/Data/Requests/Request[{number}]",
                    "no command whose order matters",
                    operation=_SUBMIT_AJAX,
                )
    for number, document in enumerate(documents, start=1):
        for ref_id in _addressees(document):
            if (ref_id, _EMAILS) in changed:
                raise _refused(
                    f"command {changed[ref_id, _EMAILS]} changes the e-mail address of the party"
                    f" {ref_id!r} and command {number} sends to it, and SIGNiX may run them in any"
                    " order: change the address first, then send the e-mail with a call of its own",
                    f"SubmitAjaxRq/Data/Requests/Request[{number}]",
                    "no command whose order matters",
                    operation=_SUBMIT_AJAX,
                )


def _parsed(text: str) -> dict[str, object]:
    return cast("dict[str, object]", json.loads(text))


def _objects(value: object) -> Iterator[dict[str, object]]:
    """The objects of a list; a raw command may hold anything anywhere."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            if isinstance(item, dict):
                yield cast("dict[str, object]", item)


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _changes(document: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Each element that a command changes, as the RefID of the party and the element's name."""
    if str(document.get("objectType")).lower() != _SAVES_DELTAS:
        return
    for delta in _objects(document.get("deltas")):
        role = _object(delta.get("role"))
        ref_id = str(role.get("id"))
        for name, value in _object(role.get("party")).items():
            if name == "objectType":
                continue
            if isinstance(value, dict):
                for _ in cast("dict[str, object]", value):
                    yield ref_id, name
            else:
                yield ref_id, name


def _addressees(document: dict[str, object]) -> Iterator[str]:
    if str(document.get("objectType")).lower() == "transaction_sendpartyemail":
        for addressee in _objects(document.get("to")):
            yield str(addressee.get("Id"))


def shown(value: object) -> str:
    """What came in place of what was due: a text, cut where it is long, a number, or the kind."""
    is_short = isinstance(value, str) or (isinstance(value, int) and abs(value) < _MOST_SHOWN)
    return ascii(value)[: 2 + _LONGEST_VALUE] if is_short else kind_shown(value)


def kind_shown(value: object) -> str:
    """The kind of what came, where it may be a secret or long."""
    return "None" if value is None else f"an object of type {type(value).__name__}"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _refused(
    what: str, path: str, rule: str, value: str | None = None, *, operation: str | None = None
) -> InvalidRequest:
    return InvalidRequest(
        f"{what}; nothing was sent",
        path=path,
        value=value,
        rule=rule,
        vendor=VENDOR,
        operation=operation,
    )
