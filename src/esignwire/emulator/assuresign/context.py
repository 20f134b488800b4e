"""Context of one operation of AssureSign: what it reads, looks up and answers with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from esignwire.emulator._wire import Blob, Element, Tokens, Vocabulary, timestamp
from esignwire.emulator.accounts import AssureSignAccount
from esignwire.emulator.assuresign.directory import Directory
from esignwire.emulator.assuresign.state import AssureSignState, Document, Envelope, Event, Session
from esignwire.emulator.faults import Fault, Refusal, TokenExpired, Warned
from esignwire.emulator.schemas import Schemas, SoapOperation
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import NotPossible, Shared

__all__ = ["NO_GUID", "Context"]

NO_GUID = UUID(int=0)


class Context:
    """The state, the settings and the vocabulary of one operation, while it is played.

    Args:
        records: What AssureSign remembers.
        shared: The lock, which is held, the clock and the identifiers.
        settings: How the emulator behaves.
        operation: The operation.
        documents: The documents whose tokens stand in the request.
        base_url: Scheme, host and port by which the caller reached the emulator.
        schemas: What tells the namespaces of the contracts.
        fault: The fault that was ordered for this call.
    """

    def __init__(
        self,
        records: AssureSignState,
        shared: Shared,
        settings: EmulatorSettings,
        operation: SoapOperation,
        documents: Tokens,
        base_url: str,
        schemas: Schemas,
        fault: Fault | None = None,
    ) -> None:
        self.documents = documents
        # The documents whose tokens stand in the answer.
        self.sent = Tokens()
        self.base_url = base_url
        self.fault = fault
        self.is_refused = False
        self.warnings: tuple[str, ...] = (fault.text,) if isinstance(fault, Warned) else ()
        self.records = records
        self.shared = shared
        self.settings = settings
        self.words = Vocabulary(operation.namespace)
        self.response_name = operation.response.rpartition("}")[2]
        self.now: datetime = shared.now()
        self._schemas = schemas

    def words_of(self, contract: str) -> Vocabulary:
        """The vocabulary of a contract, where one operation speaks another's words."""
        return self._schemas.words(contract)

    @property
    def directory(self) -> Directory:
        """AssureSign's users and accounts."""
        return self.records.directory

    def check_ordered(self) -> None:
        """Refuse the call where that was ordered.

        Raises:
            NotPossible: It was.
        """
        if isinstance(self.fault, Refusal) and not self.fault.in_session:
            raise NotPossible(self.fault.text)

    def check_token(self) -> None:
        """Refuse the token of a sign-in where that was ordered.

        Raises:
            NotPossible: It was.
        """
        if isinstance(self.fault, TokenExpired):
            raise NotPossible("The AuthenticationToken is not valid.")

    def check_ordered_later(self) -> None:
        """Refuse what becomes of an asynchronous call where that was ordered.

        Raises:
            NotPossible: It was.
        """
        if isinstance(self.fault, Refusal):
            raise NotPossible(self.fault.text)

    def guid(self, element: Element, attribute: str) -> UUID:
        """Read an identifier, whose form the schema has checked; all zeros where it is missing."""
        value = element.get(attribute)
        return NO_GUID if value is None else UUID(value.strip())

    def account(self, element: Element) -> AssureSignAccount:
        """Find the account of an element's ContextIdentifier.

        Raises:
            NotPossible: There is no such account, or it is inactive.
        """
        identifier = self.guid(element, "ContextIdentifier")
        account = self.settings.accounts.assuresign_account(identifier)
        record = self.directory.find_account(identifier)
        if account is None and record is not None:
            # An account that was created has the users that were created, and any template.
            account = AssureSignAccount(context_identifier=identifier, user_names=frozenset())
        if account is None:
            raise NotPossible("The ContextIdentifier is not valid.")
        if record is not None and record.is_inactive:
            raise NotPossible("The account is inactive.")
        return account

    def owner(self, element: Element, user_name: str | None) -> AssureSignAccount:
        """Find the account of an element's ContextIdentifier, and check the owner of what it makes.

        No owner is the account's own default.

        Raises:
            NotPossible: There is no such account, or it has no such user.
        """
        account = self.account(element)
        record = self.directory.find_account(account.context_identifier)
        is_known = account.knows_user(user_name)
        if record is not None and user_name:
            user = self.directory.find_user(user_name)
            is_user = user is not None and record in user.accounts
            is_known = is_user or (is_known and user_name.lower() not in record.former)
        if not is_known:
            raise NotPossible("The UserName is not a user of the account.")
        return account

    def session(self, element: Element) -> Session:
        """Find the session that an element names by SessionId.

        Raises:
            NotPossible: The account or the session is wrong.
        """
        account = self.account(element)
        found = self.records.sessions.get(self.guid(element, "SessionId"))
        if found is None or found.context_identifier != account.context_identifier:
            raise NotPossible("There is no session with this SessionId.")
        return found

    def document(
        self,
        element: Element,
        identifier: str = "Id",
        token: str = "AuthToken",  # noqa: S107  # a name
    ) -> Document:
        """Find the document whose id and token stand in two attributes of an element.

        Raises:
            NotPossible: The account, the document or the token is wrong. Which of the latter two
                it is remains untold.
        """
        account = self.account(element)
        found = self.records.documents.get(self.guid(element, identifier))
        if (
            found is None
            or found.auth_token != self.guid(element, token)
            or found.context_identifier != account.context_identifier
        ):
            raise NotPossible(f"There is no document with this {identifier} and {token}.")
        self.shared.touched.append(found)
        return found

    def envelope(self, element: Element, token: str = "AuthToken") -> Envelope:  # noqa: S107  # a name
        """Find the envelope that an element names by EnvelopeId and a token.

        Raises:
            NotPossible: The account, the envelope or the token is wrong. Which of the latter two
                it is remains untold.
        """
        account = self.account(element)
        found = self.records.envelopes.get(self.guid(element, "EnvelopeId"))
        if (
            found is None
            or found.auth_token != self.guid(element, token)
            or found.context_identifier != account.context_identifier
        ):
            raise NotPossible(f"There is no envelope with this EnvelopeId and {token}.")
        self.shared.touched.append(found)
        return found

    def documents_of(
        self, element: Element, identifier: str, token: str, envelope_token: str
    ) -> list[Document]:
        """Find the documents that an element names: one, or those of an envelope.

        The attributes are named that hold the id of a document, its token, and the token of an
        envelope.

        Raises:
            NotPossible: The account, the id or the token is wrong, or the element names neither.
        """
        if element.get(identifier) is not None:
            return [self.document(element, identifier, token)]
        if element.get("EnvelopeId") is not None:
            return list(self.envelope(element, envelope_token).documents)
        raise NotPossible("Neither a document nor an envelope is named.")

    def file(self, name: str, content: Blob) -> Element:
        """Write an element that holds a file, by a token for it."""
        return self.words.element(name, text=self.sent.token(content))

    def exceptions(
        self,
        item: str,
        texts: Sequence[str],
        severity: str = "Error",
        words: Vocabulary | None = None,
    ) -> list[Element]:
        """Make the Exceptions element of a result, alone in a list; no texts make an empty list.

        ``item`` is the name of its items, such as ``DocumentException``.
        """
        words = words or self.words
        if severity == "Error" and isinstance(self.fault, Refusal):
            severity = self.fault.severity
        self.is_refused = self.is_refused or (bool(texts) and severity != "Warning")
        items = [
            words.element(item, attributes={"Severity": severity}, text=text) for text in texts
        ]
        return [words.element("Exceptions", *items)] if items else []

    def outcome(self, item: str, texts: Sequence[str]) -> Element:
        """Make the Exceptions element of a result that always has one, empty or not."""
        made = self.exceptions(item, texts) or self.exceptions(item, self.warnings, "Warning")
        return made[0] if made else self.words.element("Exceptions")

    def response(self, *children: Element) -> Element:
        """Make the response element of the operation."""
        return self.words.element(self.response_name, *children)

    def history(self, wrapper: str, item: str, events: Iterable[Event]) -> Element:
        """Write a list of events, by the names of the list and of its items."""
        return self.words.element(
            wrapper,
            *(
                self.words.element(
                    item, attributes={"Date": timestamp(event.date), "Details": event.details}
                )
                for event in events
            ),
        )
