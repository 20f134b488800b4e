"""AssureSign: signers, and the e-mails that ask them to sign.

The emulator knows one kind of notification: an e-mail to the signer of each step as it starts. It
is written down, not sent.
"""

from __future__ import annotations

import re
from uuid import UUID

from esignwire.emulator.assuresign_desk import NO_GUID, Desk
from esignwire.emulator.assuresign_state import Document, Notification, Signatory
from esignwire.emulator.markup import Element, Vocabulary, boolean, elements, timestamp
from esignwire.emulator.refusal import NotPossible

__all__ = [
    "list_notifications",
    "list_signatories",
    "named_signatory",
    "resend_notification",
    "update_signatory",
]

_NOTIFICATIONS = Vocabulary("https://www.assuresign.net/Services/DocumentNOW/ResendNotification")
_MOBILE_PHONE = re.compile(r"[0-9]{10}", re.ASCII)


def list_signatories(desk: Desk, request: Element) -> Element:
    """Play ListSignatories."""
    query = desk.words.child(request, "SignatoryListQuery")
    if query is None:
        return desk.response()
    try:
        signatories = desk.document(query).signatories
        content = [desk.words.element("Signatories", *(_signatory(desk, s) for s in signatories))]
    except NotPossible as refusal:
        content = desk.exceptions("SignatoryListException", [str(refusal)])
    return desk.response(
        desk.words.element(
            "SignatoryListQueryResult", *content, attributes={"Id": str(desk.guid(query, "Id"))}
        )
    )


def update_signatory(desk: Desk, request: Element) -> Element:
    """Play UpdateSignatory."""

    def result(question: Element) -> Element:
        content: list[Element] = []
        try:
            _update(desk, question)
        except NotPossible as refusal:
            content = desk.exceptions("SignatoryUpdateException", [str(refusal)])
        return desk.words.element(
            "SignatoryUpdateResult",
            *content,
            attributes={
                "Id": str(desk.guid(question, "Id")),
                "Success": "false" if content else "true",
                "SignatoryId": question.get("SignatoryId"),
                "SignatoryEmail": question.get("SignatoryEmail"),
                "SignatoryMobilePhone": question.get("SignatoryMobilePhone"),
            },
        )

    questions = desk.words.children(request, "SignatoryUpdateRequests/SignatoryUpdateRequest")
    return desk.response(desk.words.element("SignatoryUpdateResults", *map(result, questions)))


def list_notifications(desk: Desk, request: Element) -> Element:
    """Play ListNotifications."""

    def result(question: Element) -> Element:
        try:
            found = _documents(desk, question)
        except NotPossible as refusal:
            content = desk.exceptions("NotificationListException", [str(refusal)])
        else:
            content = [
                desk.words.element(
                    "EmailNotifications",
                    *(
                        _notification(desk, notification)
                        for document in found
                        for notification in document.notifications
                    ),
                )
            ]
        return desk.words.element(
            "NotificationListQueryResult", *content, attributes={"Id": _either_id(desk, question)}
        )

    questions = desk.words.children(request, "NotificationQueries/NotificationListQuery")
    return desk.response(desk.words.element("NotificationQueryResults", *map(result, questions)))


def resend_notification(desk: Desk, request: Element) -> Element:
    """Play ResendNotification. The recipients that a request names are not looked at."""

    def result(question: Element) -> Element:
        wanted = next(iter(elements(question)), None)
        identifier = NO_GUID if wanted is None else desk.guid(wanted, "NotificationId")
        content: list[Element] = []
        try:
            document, notification = _find(_documents(desk, question), identifier)
            document.resend(notification, desk.now)
        except NotPossible as refusal:
            content = desk.exceptions("ResendNotificationException", [str(refusal)])
        return desk.words.element(
            "ResendNotificationResult",
            *content,
            attributes={
                "Id": _either_id(desk, question),
                "NotificationId": str(identifier),
                "Success": "false" if content else "true",
            },
        )

    questions = desk.words.children(request, "ResendRequests/ResendNotificationRequest")
    return desk.response(desk.words.element("ResendResults", *map(result, questions)))


def named_signatory(desk: Desk, question: Element, document: Document) -> Signatory | None:
    """Find the signer that a request names by id, e-mail address or mobile phone.

    Args:
        desk: The desk of the call.
        question: The element with the attributes.
        document: The document.

    Returns:
        The signer; ``None`` where the request names nobody.

    Raises:
        NotPossible: The document has no such signer.
    """
    identifier = question.get("SignatoryId")
    address, phone = question.get("SignatoryEmail"), question.get("SignatoryMobilePhone")
    if not (identifier or address or phone):
        return None
    for signatory in document.signatories:
        if (
            (not identifier or signatory.id == desk.guid(question, "SignatoryId"))
            and (not address or signatory.email_address == address)
            and (not phone or signatory.mobile_phone == phone)
        ):
            return signatory
    raise NotPossible("The document has no such signatory.")


def _update(desk: Desk, question: Element) -> None:
    document = desk.document(question)
    signatory = named_signatory(desk, question, document)
    if signatory is None:
        raise NotPossible("No signatory is named: send its id, e-mail address or mobile phone.")
    if not document.is_open:
        raise NotPossible(f"The signatory cannot be changed: the document is {document.status}.")
    values = desk.words.child(question, "UpdatedSignatoryInfo")
    given = {} if values is None else {str(n): str(v) for n, v in values.attrib.items() if v}
    phone = given.get("MobilePhone")
    if phone is not None and not _MOBILE_PHONE.fullmatch(phone):
        raise NotPossible("MobilePhone must be a number of 10 digits.")
    signatory.mobile_phone = phone or signatory.mobile_phone
    signatory.email_address = given.get("EmailAddress", signatory.email_address)
    # The full name wins over the two others.
    if "FullName" in given:
        signatory.full_name = given["FullName"]
    else:
        signatory.first_name = given.get("FirstName", signatory.first_name)
        signatory.last_name = given.get("LastName", signatory.last_name)
    sent = [item for item in document.notifications if item.signatory is signatory]
    if sent and boolean(question.get("ResendLastEmail")):
        document.resend(sent[-1], desk.now)


def _documents(desk: Desk, question: Element) -> list[Document]:
    return desk.documents_of(question, "Id", "AuthToken", "EnvelopeAuthToken")


def _find(documents: list[Document], identifier: UUID) -> tuple[Document, Notification]:
    for document in documents:
        for notification in document.notifications:
            if notification.id == identifier:
                return document, notification
    raise NotPossible("There is no notification with this NotificationId.")


def _either_id(desk: Desk, question: Element) -> str:
    # The vendor says nothing of queries by envelope, where the result wants an id all the same.
    name = "EnvelopeId" if question.get("Id") is None else "Id"
    return str(desk.guid(question, name))


def _notification(desk: Desk, notification: Notification) -> Element:
    signatory = notification.signatory
    recipient = _NOTIFICATIONS.element(
        "EmailNotificationRecipient",
        attributes={
            "IsSignatory": "true",
            "EmailAddress": signatory.email_address,
            "FullName": signatory.full_name,
        },
    )
    return desk.words.element(
        "EmailNotification",
        _NOTIFICATIONS.element("Recipients", recipient),
        attributes={
            "NotificationId": str(notification.id),
            "Timing": "SigningStep_Started",
            "SigningStep": str(notification.step),
            "NotificationDate": timestamp(notification.date),
        },
    )


def _signatory(desk: Desk, signatory: Signatory) -> Element:
    return desk.words.element(
        "SignatoryItem",
        attributes={
            "SignatoryId": str(signatory.id),
            "SignatoryAuthToken": str(signatory.auth_token),
            "FirstName": signatory.first_name,
            "LastName": signatory.last_name,
            "FullName": signatory.full_name,
            "EmailAddress": signatory.email_address,
            "MobilePhone": signatory.mobile_phone,
        },
    )
