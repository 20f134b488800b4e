"""Operations of AssureSign on signers, and on the e-mails that ask them to sign.

The emulator knows one kind of notification: an e-mail to the signer of each step as it starts. It
is written down, not sent.
"""

from __future__ import annotations

import re
from uuid import UUID

from esignwire.emulator._wire import Element, boolean, elements, timestamp
from esignwire.emulator.assuresign.context import NO_GUID, Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, Each, One, Operation
from esignwire.emulator.assuresign.state import Document, Notification, Signatory
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS", "named_signatory"]

_MOBILE_PHONE = re.compile(r"[0-9]{10}", re.ASCII)


def named_signatory(context: Context, question: Element, document: Document) -> Signatory | None:
    """Find the signer that a request names by id, e-mail address or mobile phone, if it does.

    Raises:
        NotPossible: The document has no such signer.
    """
    identifier = question.get("SignatoryId")
    address, phone = question.get("SignatoryEmail"), question.get("SignatoryMobilePhone")
    if not (identifier or address or phone):
        return None
    for signatory in document.signatories:
        if (
            (not identifier or signatory.id == context.guid(question, "SignatoryId"))
            and (not address or signatory.email_address == address)
            and (not phone or signatory.mobile_phone == phone)
        ):
            return signatory
    raise NotPossible("The document has no such signatory.")


def _listed(context: Context, question: Element) -> Answer:
    signatories = [_signatory(context, one) for one in context.document(question).signatories]
    return Answer([context.words.element("Signatories", *signatories)])


def _updated(context: Context, question: Element) -> Answer:
    document = context.document(question)
    signatory = named_signatory(context, question, document)
    if signatory is None:
        raise NotPossible("No signatory is named: send its id, e-mail address or mobile phone.")
    if not document.is_open:
        raise NotPossible(f"The signatory cannot be changed: the document is {document.status}.")
    values = context.words.child(question, "UpdatedSignatoryInfo")
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
        document.resend(sent[-1], context.now)
    return Answer(attributes={"Success": "true"})


def _notifications(context: Context, question: Element) -> Answer:
    notifications = [
        _notification(context, notification)
        for document in _documents(context, question)
        for notification in document.notifications
    ]
    return Answer([context.words.element("EmailNotifications", *notifications)])


def _resent(context: Context, question: Element) -> Answer:
    wanted = _notification_id(context, question)
    document, notification = _find(_documents(context, question), wanted)
    document.resend(notification, context.now)
    return Answer(attributes={"Success": "true"})


def _documents(context: Context, question: Element) -> list[Document]:
    return context.documents_of(question, "Id", "AuthToken", "EnvelopeAuthToken")


def _find(documents: list[Document], identifier: UUID) -> tuple[Document, Notification]:
    for document in documents:
        for notification in document.notifications:
            if notification.id == identifier:
                return document, notification
    raise NotPossible("There is no notification with this NotificationId.")


def _id(context: Context, question: Element) -> Attributes:
    return {"Id": str(context.guid(question, "Id"))}


def _named(context: Context, question: Element) -> Attributes:
    names = ("SignatoryId", "SignatoryEmail", "SignatoryMobilePhone")
    return {**_id(context, question), **{name: question.get(name) for name in names}}


def _either_id(context: Context, question: Element) -> Attributes:
    # The vendor says nothing of queries by envelope, where the result wants an id all the same.
    name = "EnvelopeId" if question.get("Id") is None else "Id"
    return {"Id": str(context.guid(question, name))}


def _ids(context: Context, question: Element) -> Attributes:
    identifier = _notification_id(context, question)
    return {**_either_id(context, question), "NotificationId": str(identifier)}


def _notification_id(context: Context, question: Element) -> UUID:
    wanted = next(iter(elements(question)), None)
    return NO_GUID if wanted is None else context.guid(wanted, "NotificationId")


def _notification(context: Context, notification: Notification) -> Element:
    signatory = notification.signatory
    words = context.words_of("ResendNotification")
    recipient = words.element(
        "EmailNotificationRecipient",
        attributes={
            "IsSignatory": "true",
            "EmailAddress": signatory.email_address,
            "FullName": signatory.full_name,
        },
    )
    return context.words.element(
        "EmailNotification",
        words.element("Recipients", recipient),
        attributes={
            "NotificationId": str(notification.id),
            "Timing": "SigningStep_Started",
            "SigningStep": str(notification.step),
            "NotificationDate": timestamp(notification.date),
        },
    )


def _signatory(context: Context, signatory: Signatory) -> Element:
    return context.words.element(
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


OPERATIONS: dict[str, Operation] = {
    "ListNotifications": Each(
        "NotificationQueries",
        "NotificationQueryResults",
        One(
            "NotificationListQuery",
            "NotificationListQueryResult",
            "NotificationListException",
            _notifications,
            echo=_either_id,
        ),
    ),
    "ListSignatories": One(
        "SignatoryListQuery",
        "SignatoryListQueryResult",
        "SignatoryListException",
        _listed,
        echo=_id,
    ),
    # The recipients that a request names are not looked at.
    "ResendNotification": Each(
        "ResendRequests",
        "ResendResults",
        One(
            "ResendNotificationRequest",
            "ResendNotificationResult",
            "ResendNotificationException",
            _resent,
            echo=_ids,
            refused={"Success": "false"},
        ),
    ),
    "UpdateSignatory": Each(
        "SignatoryUpdateRequests",
        "SignatoryUpdateResults",
        One(
            "SignatoryUpdateRequest",
            "SignatoryUpdateResult",
            "SignatoryUpdateException",
            _updated,
            echo=_named,
            refused={"Success": "false"},
        ),
    ),
}
