"""Web page of the emulator: what it remembers, the last messages, and buttons for signers.

The pages are plain HTML with one stylesheet and no script. A browser may change something only by a
form of these pages: its Origin is the emulator's own, and it sends back the token of the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TypeVar
from urllib.parse import urlencode

from esignwire.emulator._wire import FormRefused, WireAnswer, WireRequest, read_form
from esignwire.emulator.control import changes_of, is_welcome
from esignwire.emulator.exchanges import Exchange
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import NotPossible
from esignwire.emulator.state import State

__all__ = ["Pages"]

_Record = TypeVar("_Record")

_MOST_SHOWN = 100
_LARGEST_FORM = 10_000
_LONGEST_VALUE = 1000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With no referrer at all a browser would hide the Origin of a form.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_VENDORS = {"assuresign": "AssureSign", "signix": "SIGNiX", "constellation1": "Constellation1"}
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
a { color: inherit; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884;
  vertical-align: top; }
th { font-weight: 600; }
pre { overflow: auto; padding: .8rem; border: 1px solid #8884; border-radius: .4rem; }
form { display: inline; }
button { font: inherit; padding: .1rem .6rem; margin-right: .3rem; cursor: pointer; }
.quiet { opacity: .7; } .error { border-left: .3rem solid #c33; padding-left: .6rem; }
"""


@dataclass(frozen=True, slots=True)
class _Item:
    """Something that a signer can act on."""

    collection: str
    identifier: str
    what: str
    name: str
    status: str
    history: tuple[tuple[datetime, str], ...] = ()


class Pages:
    """The web pages.

    Args:
        state: What the vendors remember.
        settings: How the emulator behaves.
        schemas: They say what is secret.
    """

    def __init__(self, state: State, settings: EmulatorSettings, schemas: Schemas) -> None:
        self._state = state
        self._settings = settings
        self._schemas = schemas
        self._token = secrets.token_urlsafe(32)

    def answer(self, request: WireRequest) -> WireAnswer | None:
        """Answer a request with a page; ``None`` where there is none at this address."""
        play = {
            ("GET", "/"): self._overview,
            ("GET", "/item"): self._item,
            ("GET", "/message"): self._message,
            ("GET", "/style.css"): self._style,
            ("POST", "/act"): self._act,
        }.get((request.method, request.path))
        if play is None:
            return None
        if not is_welcome(request, self._settings):
            return _page(403, "Not here", "<p>The pages answer this machine alone.</p>")
        with self._state.lock:
            return play(request)

    def _style(self, request: WireRequest) -> WireAnswer:  # noqa: ARG002  # the same for each
        return WireAnswer(
            media_type="text/css; charset=utf-8", content=_STYLE.encode(), headers=_HEADERS
        )

    def _overview(self, request: WireRequest) -> WireAnswer:  # noqa: ARG002  # it asks for nothing
        body = ""
        with self._state.reading():
            items = list(_items(self._state))
        for vendor, name in _VENDORS.items():
            found = [one for one in items if one.collection.startswith(vendor)]
            body += f"<h2>{name}</h2>"
            body += self._table(found) if found else '<p class="quiet">Nothing yet.</p>'
        body += f"<h2>Messages</h2>{_messages(self._state.exchanges)}"
        return _page(200, "The emulator of esignwire", body)

    def _item(self, request: WireRequest) -> WireAnswer:
        fields = dict(_query(request))
        with self._state.reading():
            found = next(
                (
                    one
                    for one in _items(self._state, most=None)
                    if (one.collection, one.identifier)
                    == (fields.get("collection"), fields.get("id"))
                ),
                None,
            )
        if found is None:
            return _page(404, "Not found", "<p>There is nothing with this id.</p>")
        events = "".join(
            f"<tr><td>{_moment(moment)}</td><td>{escape(text)}</td></tr>"
            for moment, text in found.history
        )
        history = f"<table><tr><th>When</th><th>What</th></tr>{events}</table>"
        if not events:
            history = '<p class="quiet">The vendor keeps none.</p>'
        mentioned = [one for one in self._state.exchanges if one.mentions(found.identifier)]
        return _page(
            200,
            found.name or found.what,
            f"{self._table([found])}<h2>History</h2>{history}"
            f"<h2>Messages that name it</h2>{_messages(mentioned)}",
        )

    def _message(self, request: WireRequest) -> WireAnswer:
        number = dict(_query(request)).get("number", "")
        found = self._state.exchanges.find(int(number)) if number.isdecimal() else None
        if found is None:
            return _page(404, "Not found", "<p>This message is not kept any more.</p>")
        came, went = found.shown(self._schemas.sensitive)
        return _page(
            200,
            f"{_VENDORS[found.vendor]} {found.operation}",
            f"{_messages([found])}<h2>The request</h2><pre>{escape(came)}</pre>"
            f"<h2>The answer</h2><pre>{escape(went)}</pre>",
        )

    def _act(self, request: WireRequest) -> WireAnswer:
        origin = request.headers.get("origin", request.base_url)
        site = request.headers.get("sec-fetch-site", "same-origin")
        if origin != request.base_url or site != "same-origin":
            return _page(403, "Refused", "<p>Another site must not press these buttons.</p>")
        fields = _fields(request)
        if not secrets.compare_digest(fields.get("token", "").encode(), self._token.encode()):
            return _page(403, "Refused", "<p>Load the page anew: its token is another.</p>")
        collection, identifier = fields.get("collection", ""), fields.get("id", "")
        change = (changes_of(self._state, collection, identifier) or {}).get(
            fields.get("action", "")
        )
        if change is None:
            return _page(404, "Not found", "<p>There is nothing with this id.</p>")
        try:
            change(self._state.now())
        except NotPossible as refusal:
            words = f'<p class="error">{escape(str(refusal))}</p>'
            return _page(409, "Not possible", words)
        return WireAnswer(
            status=303,
            media_type="text/plain",
            content=b"",
            headers={**_HEADERS, "Location": _address("/item", collection, identifier)},
        )

    def _table(self, items: Iterable[_Item]) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.what)}</td>"
            f'<td><a href="{escape(_address("/item", one.collection, one.identifier))}">'
            f"{escape(one.name or one.identifier)}</a></td>"
            f"<td>{escape(one.status)}</td><td>{self._buttons(one)}</td></tr>"
            for one in items
        )
        return (
            "<table><tr><th>What</th><th>Name</th><th>Status</th><th>As a signer would</th></tr>"
            f"{rows}</table>"
        )

    def _buttons(self, item: _Item) -> str:
        changes = changes_of(self._state, item.collection, item.identifier) or {}
        buttons = "".join(
            f'<button name="action" value="{escape(action)}">'
            f"{escape(action.replace('-', ' ').capitalize())}</button>"
            for action in changes
        )
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in (
                ("token", self._token),
                ("collection", item.collection),
                ("id", item.identifier),
            )
        )
        return f'<form method="post" action="/act">{hidden}{buttons}</form>'


def _items(state: State, most: int | None = _MOST_SHOWN) -> Iterator[_Item]:
    """List what signers can act on, the newest first."""
    for document in _newest(state.assuresign.documents.values(), most):
        yield _Item(
            "assuresign/documents",
            str(document.id),
            "Document",
            document.name or "",
            document.status,
            tuple((event.date, event.details) for event in document.history),
        )
    for envelope in _newest(state.assuresign.envelopes.values(), most):
        yield _Item(
            "assuresign/envelopes",
            str(envelope.id),
            "Envelope",
            "",
            envelope.status,
            tuple((event.date, event.details) for event in envelope.history),
        )
    for transaction in _newest(state.signix.transactions.values(), most):
        yield _Item(
            "signix/transactions",
            transaction.document_set_id,
            "Transaction",
            transaction.description,
            transaction.status,
            tuple(transaction.history),
        )
    for session in _newest(state.constellation1.sessions.values(), most):
        yield _Item(
            "constellation1/sessions",
            str(session.id),
            "Session",
            str(session.information.get("Title") or ""),
            session.status.name.replace("_", " ").capitalize(),
            tuple((entry.date, entry.description) for entry in session.log),
        )


def _newest(records: Iterable[_Record], most: int | None) -> list[_Record]:
    return list(records)[::-1][:most]


def _messages(exchanges: Iterable[Exchange]) -> str:
    rows = "".join(
        f'<tr><td><a href="/message?number={one.number}">{one.number}</a></td>'
        f"<td>{_moment(one.moment)}</td><td>{_VENDORS[one.vendor]}</td>"
        f"<td>{escape(one.operation)}</td><td>{escape(one.outcome)}</td>"
        f"<td>{'' if one.status is None else one.status}</td>"
        f"<td>{escape(one.fault or '')}</td></tr>"
        for one in list(exchanges)[:_MOST_SHOWN]
    )
    if not rows:
        return '<p class="quiet">None.</p>'
    return (
        "<table><tr><th>No.</th><th>When</th><th>Vendor</th><th>Operation</th><th>Outcome</th>"
        f"<th>HTTP</th><th>Fault</th></tr>{rows}</table>"
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _address(path: str, collection: str, identifier: str) -> str:
    return f"{path}?{urlencode({'collection': collection, 'id': identifier})}"


def _query(request: WireRequest) -> list[tuple[str, str]]:
    try:
        return request.query_fields()
    except ValueError:
        return []


def _fields(request: WireRequest) -> dict[str, str]:
    if request.content.size > _LARGEST_FORM:
        return {}
    try:
        return {one.name: one.text(_LONGEST_VALUE) for one in read_form(request.content)}
    except FormRefused:
        return {}


def _page(status: int, title: str, body: str) -> WireAnswer:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,"></head>'
        f'<body><p><a href="/">All</a></p><h1>{escape(title)}</h1>{body}</body></html>'
    )
    return WireAnswer(
        status=status,
        media_type="text/html; charset=utf-8",
        content=text.encode("utf-8", "replace"),
        headers=_HEADERS,
    )
