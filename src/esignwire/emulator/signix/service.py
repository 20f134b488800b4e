"""Service of SIGNiX FlexAPI: one address that takes a form with a method and an XML request.

Status codes 0, 1, 2 and 101 are the vendor's. It has published no others, so those that follow
are the emulator's own:

===  ===============================================================
100  the method and the root element do not belong together
102  the credentials are refused
103  the account has no such workgroup
104  the TransactionID is taken
105  the Length of a form is not the size of its data
106  a signature names no TextTagField before it
109  there is no such transaction
110  the transaction is not complete, so that nothing can be downloaded
111  the transaction has no such party
199  the emulator does not play the method
500  the emulator failed; its log says more
===  ===============================================================
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from esignwire.emulator._wire import (
    Blob,
    Element,
    FormField,
    FormRefused,
    Stream,
    Tokens,
    Vocabulary,
    WireAnswer,
    WireRequest,
    XmlRefused,
    boolean,
    checked,
    elements,
    local_name,
    one_page_pdf,
    plain_answer,
    read_form,
    read_xml,
    timestamp,
)
from esignwire.emulator.faults import (
    CommandRefused,
    CommandsReordered,
    Fault,
    Refusal,
    Warned,
)
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Shared
from esignwire.emulator.signix import commands
from esignwire.emulator.signix.state import (
    Form,
    Member,
    SignixState,
    Transaction,
    TransactionStatus,
)

__all__ = ["Signix"]

_METHOD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_LONGEST_METHOD = 1000
_LOGGER = logging.getLogger("esignwire.emulator")


class _Refused(Exception):
    """A request is refused with a status code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class _Call:
    """The Data of a request, its documents, how it was reached, and what was ordered for it.

    The words are those of the version of the schema in which the request is written.
    """

    words: Vocabulary
    data: Element
    documents: Tokens
    base_url: str
    fault: Fault | None


class _Reply:
    """The status and the content of an answer."""

    def __init__(
        self,
        *data: Element,
        code: int = 0,
        text: str = "success",
        beside: list[Element] | None = None,
        documents: Tokens | None = None,
    ) -> None:
        self.code = code
        self.text = text
        self.data = data
        self.beside = beside or []
        self.documents = documents or Tokens()


class Signix:
    """SIGNiX.

    Args:
        state: What SIGNiX remembers.
        shared: The lock, the clock and the identifiers.
        settings: How the emulator behaves.
        schemas: What messages are judged by.
    """

    def __init__(
        self, state: SignixState, shared: Shared, settings: EmulatorSettings, schemas: Schemas
    ) -> None:
        self._state = state
        self._shared = shared
        self._settings = settings
        self._schemas = schemas
        self._methods: dict[str, Callable[[_Call], _Reply]] = {
            "ConfirmDownload": self._confirm_download,
            "DownloadDocument": self._download_document,
            "GetAccessLink": self._get_access_link,
            "GetAccessToken": self._get_access_token,
            "SubmitAjax": self._submit_ajax,
            "SubmitDocument": self._submit_document,
        }

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a request, also one that makes no sense."""
        if request.method != "POST":
            return plain_answer(405, "This address takes POST.", Allow="POST")
        if request.media_type != "application/x-www-form-urlencoded":
            return plain_answer(415, "This address takes application/x-www-form-urlencoded.")
        try:
            method, message = _fields(request.content)
        except FormRefused as refused:
            return plain_answer(400, str(refused))
        # The answer is in the version of the question; until that is known, in the first one.
        words = Vocabulary(next(iter(self._schemas.signix_entries)))
        if method not in self._schemas.signix_methods or method not in self._methods:
            unknown = _Reply(code=199, text=f"The emulator does not play {method}.")
            return _answer(method, unknown, words)
        try:
            root, documents = self._read(message)
            namespace = str(etree.QName(root).namespace)
            if namespace in self._schemas.signix_entries:
                words = Vocabulary(namespace)
            reply = self._reply(method, root, documents, words, request)
        except FormRefused as refused:
            return plain_answer(400, str(refused))
        except _Refused as refused:
            reply = _Reply(code=refused.code, text=refused.text)
        except Exception:
            _LOGGER.exception("SIGNiX %s failed inside the emulator", method)
            reply = _Reply(code=500, text="The emulator failed; its log says more.")
        return _answer(method, reply, words)

    def _read(self, field: FormField) -> tuple[Element, Tokens]:
        try:
            return read_xml(
                self._utf_8(field),
                self._schemas.signix_documents,
                self._settings.xml_limits,
                self._settings.max_message_bytes,
            )
        except XmlRefused as refused:
            raise _Refused(101, str(refused)) from None

    def _reply(
        self,
        method: str,
        root: Element,
        documents: Tokens,
        words: Vocabulary,
        request: WireRequest,
    ) -> _Reply:
        violation = self._schemas.judge_signix(root)
        if violation is not None:
            raise _Refused(101, str(violation))
        if local_name(root) != f"{method}Rq":
            raise _Refused(100, f"The method {method} calls for the root element {method}Rq.")
        with self._shared.lock:
            self._check_account(root, words)
            data = words.child(root, "Data")
            if data is None:
                raise _Refused(101, "cvc-complex-type.2.4: Data is missing.")
            fault = request.fault
            if isinstance(fault, Refusal):
                raise _Refused(fault.code, fault.text)
            call = _Call(words, data, documents, request.base_url, fault)
            reply = self._methods[method](call)
        if isinstance(fault, Warned) and reply.code == 0:
            reply.code, reply.text = commands.WARNING, fault.text
        return reply

    def _utf_8(self, field: FormField) -> Iterator[bytes]:
        try:
            yield from checked(field.chunks())
        except XmlRefused:
            raise FormRefused("The field request is no UTF-8.") from None

    def _check_account(self, root: Element, words: Vocabulary) -> None:
        sponsor, client, user_id, password, workgroup = (
            words.text(root, f"CustInfo/{name}")
            for name in ("Sponsor", "Client", "UserId", "Pswd", "Workgroup")
        )
        account = self._settings.accounts.signix_account(
            sponsor or "", client or "", user_id or "", password or ""
        )
        if account is None:
            raise _Refused(102, "The Sponsor, Client, UserId or Pswd is not valid.")
        known = account.workgroups
        if workgroup is not None and known is not None and workgroup not in known:
            raise _Refused(103, "The workgroup does not exist.")

    def _submit_document(self, call: _Call) -> _Reply:
        words, data = call.words, call.data
        transaction_id = words.text(data, "TransactionID") or ""
        if self._state.by_transaction_id(transaction_id) is not None:
            raise _Refused(104, "A transaction with this TransactionID exists.")
        _check_signatures(call)
        forms = tuple(
            _form(element, number, call)
            for number, element in enumerate(words.children(data, "Form"), start=1)
        )
        is_suspended = boolean(words.text(data, "SuspendOnStart"))
        status = TransactionStatus.SUSPENDED if is_suspended else TransactionStatus.IN_PROGRESS
        now = self._shared.now()
        transaction = Transaction(
            document_set_id=self._shared.identifiers.document_set(),
            transaction_id=transaction_id,
            description=words.text(data, "DocSetDescription") or "",
            status=status,
            members=[
                Member(
                    ref_id=words.text(member, "RefID"),
                    email=words.text(member, "Email") or "",
                    mobile_number=words.text(member, "MobileNumber"),
                )
                for member in words.children(data, "MemberInfo")
            ],
            forms=forms,
            history=[(now, str(status))],
            preferences={
                one.get("name", ""): one.text or ""
                for one in words.children(data, "ClientPreference")
            },
        )
        self._state.add(transaction)
        content = [words.element("DocumentSetID", text=transaction.document_set_id)]
        self._shared.touched.append(transaction)
        if not is_suspended:
            content.append(words.element("PickupLink", text=self._link(call.base_url)))
        return _Reply(*content)

    def _get_access_link(self, call: _Call) -> _Reply:
        transaction = self._transaction(call)
        number = call.words.text(call.data, "MemberInfoNumber")
        if _is_beyond(number, len(transaction.members)):
            raise _Refused(111, "The transaction has no party with this MemberInfoNumber.")
        return _Reply(call.words.element("AccessLink", text=self._link(call.base_url)))

    def _get_access_token(self, call: _Call) -> _Reply:
        self._transaction(call)
        return _Reply(call.words.element("AccessToken", text=self._shared.identifiers.token()))

    def _download_document(self, call: _Call) -> _Reply:
        words, data = call.words, call.data
        transaction = self._completed(call)
        files = _Files(words)
        content = [words.element("TransactionID", text=transaction.transaction_id)]
        content += [
            words.element(
                "Form",
                words.element("RefID", text=form.ref_id),
                words.element("Desc", text=form.description),
                *files.elements(form.file_name, form.mime_type, form.content),
            )
            for form in transaction.forms
        ]
        reports: list[Element] = []
        if boolean(words.text(data, "IncludeAuditData")):
            if (words.text(data, "AuditDataFormat") or "pdf").lower() == "xml":
                audit = files.elements("audit.xml", "text/xml", _audit_report(transaction))
            else:
                audit = files.elements("audit.pdf", "application/pdf", one_page_pdf("Audit report"))
            reports.append(words.element("AuditReport", *audit))
        if boolean(words.text(data, "IncludeCertificateOfCompletion")):
            certificate = files.elements(
                "certificate.pdf", "application/pdf", one_page_pdf("Completed")
            )
            reports.append(words.element("CertificateOfCompletion", *certificate))
        if self._settings.audit_report_place == "beside":
            return _Reply(*content, beside=reports, documents=files.documents)
        return _Reply(*content, *reports, documents=files.documents)

    def _confirm_download(self, call: _Call) -> _Reply:
        self._completed(call).is_download_confirmed = True
        return _Reply()

    def _submit_ajax(self, call: _Call) -> _Reply:
        words, data = call.words, call.data
        transaction = self._transaction(call)
        before = transaction.checkpoint()
        single = words.text(data, "Request")
        if single is not None:
            outcome = commands.run(single, transaction, self._shared.now())
            # In the single form the status tells of the call; an error stands in the JSON alone.
            reply = _Reply(words.element("Response", text=outcome.json()))
            if outcome.code == commands.WARNING:
                reply.code, reply.text = outcome.code, outcome.message
            if outcome.code == commands.ERROR:
                transaction.roll_back(before)
            return reply
        outcomes = self._run_all(words.children(data, "Requests/Request"), transaction, call.fault)
        # The vendor runs commands in any order; the responses keep that of the commands.
        responses = [_response(words, *outcomes[number]) for number in sorted(outcomes)]
        reply = _Reply(words.element("Responses", *responses))
        errors, warnings = (
            [one.message for one, _ in outcomes.values() if one.code == code]
            for code in (commands.ERROR, commands.WARNING)
        )
        if errors:
            transaction.roll_back(before)
            reply.code, reply.text = commands.ERROR, errors[0]
        elif warnings:
            reply.code, reply.text = commands.WARNING, " ".join(warnings)
        return reply

    def _run_all(
        self, requests: list[Element], transaction: Transaction, fault: Fault | None
    ) -> dict[int, tuple[commands.Outcome, int]]:
        """Run commands until one is refused: the outcomes with their responseCodes, by number."""
        numbered = list(enumerate(requests, start=1))
        if isinstance(fault, CommandsReordered):
            numbered.reverse()
        outcomes: dict[int, tuple[commands.Outcome, int]] = {}
        for number, request in numbered:
            if isinstance(fault, CommandRefused) and fault.number == number:
                outcome = commands.Outcome(commands.ERROR, fault.text)
                outcomes[number] = outcome, fault.response_code
            else:
                outcome = commands.run(request.text or "", transaction, self._shared.now())
                outcomes[number] = outcome, 2 if outcome.code == commands.ERROR else 0
            if outcome.code == commands.ERROR:
                break
        return outcomes

    def _transaction(self, call: _Call) -> Transaction:
        words, data = call.words, call.data
        document_set_id = words.text(data, "DocumentSetID")
        if document_set_id is not None:
            found = self._state.transactions.get(document_set_id)
            name = "DocumentSetID"
        else:
            found = self._state.by_transaction_id(words.text(data, "TransactionID") or "")
            name = "TransactionID"
        if found is None:
            raise _Refused(109, f"There is no transaction with this {name}.")
        self._shared.touched.append(found)
        return found

    def _completed(self, call: _Call) -> Transaction:
        transaction = self._transaction(call)
        if transaction.status is not TransactionStatus.COMPLETE:
            raise _Refused(110, f"The transaction is not complete: it is {transaction.status}.")
        return transaction

    def _link(self, base_url: str) -> str:
        return f"{base_url}/signix/enter.jsp?m=103&i={self._shared.identifiers.token()}"


def _fields(body: Blob) -> tuple[str, FormField]:
    """Find the name of the method and the request in a form."""
    sent = read_form(body)
    if sorted(field.name for field in sent) != ["method", "request"]:
        raise FormRefused("The form must have the fields method and request, once each.")
    fields = {field.name: field for field in sent}
    method = fields["method"].text(_LONGEST_METHOD)
    if not _METHOD_NAME.fullmatch(method):
        raise FormRefused("The field method holds no name of a method.")
    return method, fields["request"]


class _Files:
    """Writes files as elements and keeps their contents apart."""

    def __init__(self, words: Vocabulary) -> None:
        self.documents = Tokens()
        self._words = words

    def elements(self, name: str, mime_type: str, content: Blob) -> list[Element]:
        return [
            self._words.element("FileName", text=name),
            self._words.element("MimeType", text=mime_type),
            self._words.element("Length", text=str(content.size)),
            self._words.element("Data", text=self.documents.token(content)),
        ]


def _response(words: Vocabulary, outcome: commands.Outcome, response_code: int) -> Element:
    attributes: dict[str, str | None] = {
        "responseCode": str(response_code),
        "responseDesc": "error" if response_code else "success",
    }
    return words.element("Response", attributes=attributes, text=outcome.json())


def _check_signatures(call: _Call) -> None:
    words, data = call.words, call.data
    parties = len(words.children(data, "MemberInfo"))
    fields: set[str | None] = {None}
    for item in (item for form in words.children(data, "Form") for item in elements(form)):
        if local_name(item) == "TextTagField":
            fields.add(words.text(item, "TagName"))
        elif local_name(item) in {"TextTagSignature", "SignatureLine"}:
            if _is_beyond(words.text(item, "MemberInfoNumber"), parties):
                raise _Refused(111, "The transaction has no party with this MemberInfoNumber.")
            if words.text(item, "DateSignedTagName") not in fields:
                raise _Refused(106, "The DateSignedTagName is that of no TextTagField before it.")


def _is_beyond(number: str | None, last: int) -> bool:
    digits = (number or "").strip().lstrip("+0")
    # Python reads no more than 4,300 of them.
    return len(digits) > 9 or int(digits or "0") > last


def _form(element: Element, number: int, call: _Call) -> Form:
    words = call.words
    data = words.child(element, "Data")
    content = Blob.of(b"") if data is None else call.documents.document(data)
    length = int(words.text(element, "Length") or "0")
    if length != content.size:
        raise _Refused(
            105, f"The Length of form {number} is {length}; its data has {content.size} bytes."
        )
    return Form(
        ref_id=words.text(element, "RefID") or "",
        description=words.text(element, "Desc") or "",
        file_name=words.text(element, "FileName") or "",
        mime_type=words.text(element, "MimeType") or "",
        content=content,
    )


def _audit_report(transaction: Transaction) -> Blob:
    report = etree.Element("AuditReport")
    for moment, event in transaction.history:
        etree.SubElement(report, "Event", date=timestamp(moment)).text = event
    return Blob.of(etree.tostring(report, encoding="utf-8"))


def _answer(method: str, reply: _Reply, words: Vocabulary) -> WireAnswer:
    status = words.element(
        "Status",
        words.element("StatusCode", text=str(reply.code)),
        words.element("StatusDesc", text=reply.text),
    )
    root = words.element(f"{method}Rs", status)
    if reply.data:
        root.append(words.element("Data", *reply.data))
    root.extend(reply.beside)
    message = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return WireAnswer(
        media_type="text/xml; charset=utf-8",
        content=Stream(reply.documents.pieces(message)).shortened(),
        operation=method,
        outcome=f"status {reply.code}" if reply.code else "done",
    )
