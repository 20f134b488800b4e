"""Players of the calls on signers.

Mails are not sent. The token of an invitation opens nothing, since the pages are not played.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from esignwire.emulator.constellation1.context import Body, Call, Refused
from esignwire.emulator.constellation1.pages import page_of
from esignwire.emulator.constellation1.state import (
    ENDED,
    SessionSigner,
    SessionStatus,
    SignerStatus,
    SigningSession,
)

__all__ = [
    "BAD_SIGNERS",
    "added_signer",
    "change_signer",
    "check_complete",
    "get_signer_documents",
    "get_signer_invite_token",
    "has_begun",
    "send_signer_email_invites",
    "shown_signer",
    "signers_of",
    "update_signers",
]

# The vendor's text, which is documented.
BAD_SIGNERS = "Error: All signers must have a last name and valid email address."
_NO_SIGNER = "Error: There is no signer with this id."


def get_signer_invite_token(call: Call) -> Body:
    """GetSignerInviteToken."""
    _signer(call)
    return {"ReturnValue": call.shared.identifiers.token(43)}


def send_signer_email_invites(call: Call) -> Body:
    """SendSignerEmailInvites. Only a session that was sent has signers to invite."""
    session = call.session("signingSessionId")
    if session.status is not SessionStatus.IN_SENT:
        raise Refused("Error: The session was not sent, so that no signer can be invited.")
    signers = signers_of(session, call.objects("signerList"))
    for signer in signers:
        if not signer.is_waiting:
            raise Refused("Error: The signer has ended, so that there is no invitation.")
    for signer in signers:
        if signer.status is SignerStatus.PENDING_INVITE:
            signer.status = SignerStatus.INVITED
        address = signer.members.get("EmailAddress", signer.id)
        session.note(call.now, f"{address} was invited.", call.caller)
    return {"ReturnValue": "True"}


def update_signers(call: Call) -> Body:
    """UpdateSigners."""
    session = call.owned(call.session("signingSessionId"), call.text("username"))
    if session.status in ENDED:
        raise Refused("Error: The session has ended, so that its signers stay.")
    given = call.objects("signers")
    signers = signers_of(session, given)
    for signer, changes in zip(signers, given, strict=True):
        change_signer(call, signer, changes)
    session.note(call.now, "Signers were changed.", call.caller)
    return {"ReturnValue": "True", "Signers": [shown_signer(one) for one in signers]}


def get_signer_documents(call: Call) -> Body:
    """GetSignerDocuments. A signer with MandateDocUpload uploads one on signing."""
    session = call.owned(call.session(), call.text("username"))
    (signer,) = signers_of(session, [{"SignerId": call.text("signerId")}])
    page = page_of(signer.uploads, call.number("pageSize"), call.number("pageNumber"))
    return {"TotalCount": len(signer.uploads), "Documents": page}


def added_signer(call: Call, given: Mapping[str, object]) -> SessionSigner:
    """Make a signer of what was sent, without secrets.

    Raises:
        Refused: There is no e-mail address, which the document does not require.
    """
    if "EmailAddress" not in given:
        raise Refused(BAD_SIGNERS)
    signer = SessionSigner(id=call.shared.identifiers.guid(), members={})
    change_signer(call, signer, given)
    return signer


def change_signer(call: Call, signer: SessionSigner, given: Mapping[str, object]) -> None:
    """Take over what is given, without secrets.

    AuthMethods and Properties are always sent, so that empty ones change nothing.
    """
    for name, value in given.items():
        is_empty = name in {"AuthMethods", "Properties"} and not value and name in signer.members
        if name not in {"SignerId", *call.document.sensitive} and not is_empty:
            signer.members[name] = value


def check_complete(given: Mapping[str, object]) -> None:
    """Check that a signer has what a new one must have.

    Raises:
        Refused: Something is missing.
    """
    if not given.get("LastName") or not given.get("EmailAddress"):
        raise Refused(BAD_SIGNERS)
    if not given.get("SignerRole"):
        raise Refused("Error: SignerRole is missing.")


def has_begun(session: SigningSession) -> bool:
    """Tell whether a signer has begun, or ended."""
    return any(
        signer.status not in {SignerStatus.PENDING_INVITE, SignerStatus.INVITED}
        for signer in session.signers
    )


def shown_signer(signer: SessionSigner) -> Body:
    """Describe a signer without secrets."""
    return {
        **signer.members,
        "SignerId": str(signer.id),
        "StatusCode": int(signer.status),
        "DeclinedReason": signer.declined_reason,
    }


def _signer(call: Call) -> SessionSigner:
    guid = _guid(call.text("signerId"))
    session = call.state.signers.get(guid)
    if session is None:
        raise Refused(_NO_SIGNER)
    return signers_of(call.session_by(session), [{"SignerId": str(guid)}])[0]


def signers_of(session: SigningSession, given: Sequence[Body]) -> list[SessionSigner]:
    """Find the signers that are meant, by their SignerIds.

    Raises:
        Refused: The session has no such signer.
    """
    known = {signer.id: signer for signer in session.signers}
    guids = [_guid(str(one.get("SignerId", ""))) for one in given]
    if not known.keys() >= set(guids):
        raise Refused(_NO_SIGNER)
    return [known[guid] for guid in guids]


def _guid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(_NO_SIGNER) from None
