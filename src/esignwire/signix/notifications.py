"""Notifications that SIGNiX sends by itself: a GET, with all that it says in the query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl

from esignwire._client import Incoming
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.types.push_notification import PushAction

__all__ = ["Notification", "PushAction", "notification"]

_INCOMING = Incoming(VENDOR, "push notification", 8 * 1024)
_MOST_PARAMETERS = 100
_ACTIONS = {str(action).lower(): action for action in PushAction}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What SIGNiX tells about a transaction. Nothing proves that it comes from SIGNiX.

    Attributes:
        action: What happened; a text where SIGNiX has a new word for it.
        document_set_id: The transaction by SIGNiX's identifier.
        transaction_id: The transaction by yours. An account can have it switched off.
        party_id: The party by its place, such as ``P01``, where it is about one.
        ref_id: The party by the RefID that the submission gave it. Better than ``party_id``.
        timestamp: When it happened, without a zone: UTC by one source, US Eastern by another
            (inferred). ``None`` where it is absent or cannot be read.
        others: The parameters that the schema does not know, and a ``ts`` that cannot be read;
            of a parameter that is repeated, the last. No representation shows them.
    """

    action: PushAction | str
    document_set_id: str
    transaction_id: str | None = None
    party_id: str | None = None
    ref_id: str | None = None
    timestamp: datetime | None = None
    others: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, hash=False)

    @property
    def key(self) -> str:
        """A digest that is the same for a repeated notification: of all parameters but others."""
        return _INCOMING.key(
            self.action,
            self.document_set_id,
            self.transaction_id,
            self.party_id,
            self.ref_id,
            self.timestamp or self.others.get("ts"),
        )


def notification(query: str | bytes) -> Notification:
    """Reads a notification of SIGNiX's (inferred: reported from live use).

    Answer it with status 200 and the two letters ``OK``, and nothing else, within a few hundred
    milliseconds; SIGNiX takes any other answer for a failure and may send again. Upper and lower
    case of an action do not count here.

    Args:
        query: The query of the request, percent-encoded as it came, with or without the question
            mark: ``action=complete&id=...``. At most 8 KiB and 100 parameters.

    Returns:
        What happened.

    Raises:
        InvalidNotification: ``action`` or ``id`` is missing, a known parameter has two values, or
            the query is too long or no percent-encoded UTF-8.
    """
    text = _INCOMING.text(query).removeprefix("?")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise _INCOMING.refused("the query is no percent-encoded UTF-8") from None
    except ValueError:
        raise _INCOMING.refused(f"the query has more than {_MOST_PARAMETERS} parameters") from None
    others = dict(pairs)
    known = {name: others.pop(name, "").strip() for name in ("action", "id", *_OPTIONAL)}
    for name, value in pairs:
        if name in known and value.strip() != known[name]:
            raise _INCOMING.refused("it stands there twice, with different values", name)
    for name in ("action", "id"):
        if not known[name]:
            raise _INCOMING.refused("it is missing", name)
    timestamp: datetime | None = None
    try:
        timestamp = datetime.fromisoformat(known["ts"])
    except ValueError:
        if known["ts"]:
            others["ts"] = known["ts"]
    return Notification(
        action=_ACTIONS.get(known["action"].lower(), known["action"]),
        document_set_id=known["id"],
        transaction_id=known["extid"] or None,
        party_id=known["pid"] or None,
        ref_id=known["refid"] or None,
        timestamp=timestamp,
        others=others,
    )


_OPTIONAL = ("extid", "pid", "refid", "ts")
