"""SIGNiX's flows, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Mapping

from esignwire.demo.pdf import SIGN_HERE, one_page_pdf
from esignwire.demo.scene import Scene, Surprise
from esignwire.errors import InvalidRequest, SignixError
from esignwire.signix import (
    AsyncSignix,
    AsyncTransaction,
    Failed,
    NotRun,
    Outcome,
    RolledBack,
    Succeeded,
    TransactionSaveDeltas,
    TransactionSendPartyEmail,
    TransactionSuspend,
    TransactionWarning,
)
from esignwire_generated.signix.types.submit_document import (
    FormType,
    MemberInfoType,
    SubmitDocumentDataType,
    SubmitDocumentRq,
    SubmitDocumentRsDataType,
    TextTagSignatureType,
)

__all__ = [
    "FLOWS",
    "cancel",
    "change_signers",
    "multi_request",
    "rolled_back",
    "suspend_and_resume",
]

_FIRST, _SECOND = "signer1", "signer2"
_SIGNERS = ((_FIRST, "Pat", "pat@example.com"), (_SECOND, "Sam", "sam@example.com"))


async def _submit_document(client: AsyncSignix, scene: Scene, purpose: str) -> AsyncTransaction:
    content = one_page_pdf()
    request = SubmitDocumentRq(
        cust_info=client.submit_document_cust_info(demo=True, del_docs_after=1, expire_after=2),
        data=SubmitDocumentDataType(
            transaction_id=scene.new_name(purpose),
            doc_set_description=f"Demonstration: {purpose}",
            file_name="demonstration.pdf",
            submitter_email="owner@example.com",
            contact_info="owner@example.com",
            delivery_type="SDDDC",
            suspend_on_start=False,
            member_info=[
                MemberInfoType(
                    ref_id=ref_id,
                    # The vendor's place-holders where authentication needs neither.
                    ssn="910000000",
                    dob="00/00/0000",
                    first_name=first_name,
                    middle_name="",
                    last_name="Example",
                    email=email,
                    service="SelectOneClick",
                    mobile_number="5555550100",
                    sms_count=0,
                )
                for ref_id, first_name, email in _SIGNERS
            ],
            form=[
                FormType(
                    ref_id="document1",
                    desc="A demonstration",
                    file_name="demonstration.pdf",
                    mime_type="application/pdf",
                    items=[
                        TextTagSignatureType(
                            member_info_number=number,
                            anchor_text=SIGN_HERE,
                            anchor_x_offset=200 * (number - 1),
                            anchor_y_offset=20,
                            width=180,
                            height=30,
                            is_required=True,
                        )
                        for number in range(1, len(_SIGNERS) + 1)
                    ],
                    length=len(content),
                    data=content,
                )
            ],
        ),
    )
    answer = await client.services.flex_api.submit_document(request)
    data = scene.expect_kind(answer.data, SubmitDocumentRsDataType)
    scene.tell("SubmitDocument", f"transaction {data.document_set_id}")
    return client.transaction(document_set_id=data.document_set_id)


def _tell(scene: Scene, outcome: Outcome, what: str = "") -> None:
    command = outcome.command.object_type
    about = f" {what}" if what else ""
    match outcome:
        case Succeeded(warning=None):
            result = "Succeeded"
        case Succeeded():
            result = f"Succeeded with the warning {outcome.warning}: {outcome.warning_text}"
        case Failed():
            said = outcome.reply.raw if outcome.reply else outcome.text
            result = f"Failed with code {outcome.code}: {said}"
        case RolledBack():
            result = "RolledBack: it was answered with success, and nothing of it is saved"
        case NotRun():
            result = "NotRun: a command before it failed"
    scene.tell(command + about, result)


def _succeeded(scene: Scene, outcome: Outcome, what: str = "") -> None:
    succeeded = scene.expect_kind(outcome, Succeeded)
    scene.expect(succeeded.warning is None, f"no warning; {succeeded.warning_text!r} came")
    _tell(scene, outcome, what)


def _expect_remembered(
    scene: Scene, transaction: AsyncTransaction, expected: Mapping[str, object]
) -> None:
    scene.expect_remembered("signix", "transactions", str(transaction.document_set_id), expected)


def _members(
    *, emails: tuple[str, str], mobile_numbers: tuple[str, str] = ("5555550100", "5555550100")
) -> list[dict[str, object]]:
    return [
        {"ref_id": ref_id, "email": email, "mobile_number": number, "has_signed": False}
        for ref_id, email, number in zip((_FIRST, _SECOND), emails, mobile_numbers, strict=True)
    ]


async def suspend_and_resume(client: AsyncSignix, scene: Scene) -> None:
    """Suspends a transaction, sees that it cannot be suspended twice, and resumes it."""
    transaction = await _submit_document(client, scene, "suspend and resume")
    _succeeded(scene, await transaction.suspend())
    _expect_remembered(scene, transaction, {"status": "Suspended"})
    again = scene.expect_kind(await transaction.suspend(), Succeeded)
    scene.expect(
        again.warning is TransactionWarning.ALREADY_SUSPENDED,
        f"a warning of an earlier suspend; {again!r} came",
    )
    _tell(scene, again)
    _succeeded(scene, await transaction.resume())
    _expect_remembered(scene, transaction, {"status": "InProgress"})


async def change_signers(client: AsyncSignix, scene: Scene) -> None:
    """Changes a signer's e-mail address and mobile number and sends the pick-up e-mail again."""
    transaction = await _submit_document(client, scene, "change signers")
    _succeeded(scene, await transaction.change_email(_FIRST, "pat.new@example.com"), "(e-mail)")
    _succeeded(scene, await transaction.change_mobile_number(_SECOND, "5555550199"), "(mobile)")
    _succeeded(
        scene,
        await transaction.send_pickup_email(
            _FIRST, subject="Your document", message="Please sign by Friday."
        ),
    )
    _succeeded(scene, await transaction.send_pickup_email(_SECOND))
    _expect_remembered(
        scene,
        transaction,
        {
            "members": _members(
                emails=("pat.new@example.com", "sam@example.com"),
                mobile_numbers=("5555550100", "5555550199"),
            ),
            "emails": [
                {
                    "ref_id": _FIRST,
                    "email": "pat.new@example.com",
                    "subject": "Your document",
                    "message": "Please sign by Friday.",
                    "includes_link": True,
                },
                {
                    "ref_id": _SECOND,
                    "email": "sam@example.com",
                    "subject": "",
                    "message": "",
                    "includes_link": True,
                },
            ],
        },
    )


async def cancel(client: AsyncSignix, scene: Scene) -> None:
    """Cancels a transaction; a second cancel is warned of, and a suspend is refused."""
    transaction = await _submit_document(client, scene, "cancel")
    _succeeded(scene, await transaction.cancel())
    _expect_remembered(scene, transaction, {"status": "Cancelled"})
    again = scene.expect_kind(await transaction.cancel(), Succeeded)
    scene.expect(
        again.warning is TransactionWarning.ALREADY_CANCELLED,
        f"a warning of an earlier cancel; {again!r} came",
    )
    _tell(scene, again)
    late = await transaction.suspend()
    # What the vendor answers to this is not documented.
    if scene.is_emulated:
        scene.expect_kind(late, Failed)
    _tell(scene, late)
    _expect_remembered(scene, transaction, {"status": "Cancelled"})
    try:
        await client.transaction(transaction_id=scene.new_name("no transaction")).resume()
    except SignixError as refusal:
        scene.tell(
            "Transaction_Resume",
            f"SignixError {refusal.vendor_code} for an unknown transaction: {refusal.vendor_text}",
        )
    else:
        raise Surprise("expected SignixError for a transaction that does not exist")


async def multi_request(client: AsyncSignix, scene: Scene) -> None:
    """Runs two commands in one request; one whose order matters is refused before it is sent."""
    transaction = await _submit_document(client, scene, "a multi-request")
    commands = (
        TransactionSaveDeltas.change_email(_FIRST, "pat.new@example.com"),
        TransactionSendPartyEmail.to_party(_SECOND),
    )
    outcomes = await transaction.run_all(commands)
    scene.expect(len(outcomes) == len(commands), "there is one outcome a command")
    for outcome in outcomes:
        _succeeded(scene, outcome, "(multi-request)")
    _expect_remembered(
        scene,
        transaction,
        {"members": _members(emails=("pat.new@example.com", "sam@example.com"))},
    )
    try:
        await transaction.run_all([*commands, TransactionSuspend()])
    except InvalidRequest as refusal:
        scene.tell("Transaction_Suspend (multi-request)", f"InvalidRequest: {refusal.message}")
    else:
        raise Surprise("expected InvalidRequest for a suspend among other commands")


async def rolled_back(client: AsyncSignix, scene: Scene) -> None:
    """Runs three commands in one request whose second fails, so that none of them is saved."""
    transaction = await _submit_document(client, scene, "a multi-request that fails")
    outcomes = await transaction.run_all(
        [
            TransactionSaveDeltas.change_email(_FIRST, "pat.new@example.com"),
            TransactionSaveDeltas.change_email("stranger", "stranger@example.com"),
            TransactionSaveDeltas.change_mobile_number(_SECOND, "5555550199"),
        ]
    )
    kinds = tuple(type(outcome) for outcome in outcomes)
    scene.expect(
        kinds == (RolledBack, Failed, NotRun),
        f"one command is rolled back, one failed, one was not run; {kinds} came",
    )
    for outcome in outcomes:
        _tell(scene, outcome, "(multi-request)")
    _expect_remembered(
        scene, transaction, {"members": _members(emails=("pat@example.com", "sam@example.com"))}
    )
    if scene.state is not None:
        scene.tell("the e-mail address and the mobile number", "unchanged, says the emulator")


FLOWS = (suspend_and_resume, change_signers, cancel, multi_request, rolled_back)
"""All flows, in the order in which they are shown."""
