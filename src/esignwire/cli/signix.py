"""Commands of SIGNiX FlexAPI."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esignwire.cli import profiles
from esignwire.cli.files import text_of
from esignwire.cli.output import Json, print_result, progress, working
from esignwire.cli.profiles import Profile
from esignwire.errors import EsignWireError, InvalidRequest

if TYPE_CHECKING:
    from esignwire.signix import Command, Outcome, Party

__all__ = ["application"]

application: typer.Typer = typer.Typer(
    help="SIGNiX FlexAPI: transactions, their parties and documents.", no_args_is_help=True
)


@application.callback()
def _settings(  # pyright: ignore[reportUnusedFunction] - typer calls it
    url: profiles.Url = None,
    sponsor: Annotated[str | None, typer.Option(help="The sponsor, likewise.")] = None,
    client: Annotated[str | None, typer.Option(help="The account, likewise.")] = None,
    user_id: Annotated[str | None, typer.Option(help="The corporate user, likewise.")] = None,
    workgroup: Annotated[
        str | None, typer.Option(help="The workgroup of new transactions, likewise.")
    ] = None,
    timeout: profiles.Timeout = None,
) -> None:
    profiles.take_flags(
        timeout, url=url, sponsor=sponsor, client=client, user_id=user_id, workgroup=workgroup
    )


_TransactionId = Annotated[
    str | None,
    typer.Option("--transaction-id", help="Your own identifier: exactly 36 characters."),
]
_DocumentSetId = Annotated[
    str | None, typer.Option("--document-set-id", help="The identifier that SIGNiX gave.")
]
_RefId = Annotated[str, typer.Option("--ref-id", help="The RefID of the party, as submitted.")]


def _described(outcome: Outcome) -> dict[str, object]:
    """How a command ended, as a document."""
    from esignwire.signix import Failed, NotRun, RolledBack, Succeeded

    shown: dict[str, object] = {"outcome": "", "command": outcome.command.object_type}
    match outcome:
        case Succeeded():
            shown |= {"outcome": "succeeded", "warning": outcome.warning}
            shown["text"] = outcome.warning_text
        case RolledBack():
            shown["outcome"] = "rolled_back"
        case Failed():
            shown |= {"outcome": "failed", "code": outcome.code, "text": outcome.text}
            shown["warning"] = outcome.warning
        case NotRun():
            shown["outcome"] = "not_run"
    return shown


def _run(
    command: Command,
    transaction_id: str | None,
    document_set_id: str | None,
    profile: str | None,
    *,
    is_json: bool,
) -> None:
    from esignwire.signix import require_succeeded

    with profiles.signix(profile) as client, working(command.object_type, is_json=is_json):
        transaction = client.transaction(
            transaction_id=transaction_id, document_set_id=document_set_id
        )
        outcome = require_succeeded(transaction.run(command))
    print_result(_described(outcome), is_json=is_json)


@application.command()
def cancel(
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Cancel (void) a transaction."""
    from esignwire.signix import TransactionCancel

    _run(TransactionCancel(), transaction_id, document_set_id, profile, is_json=is_json)


@application.command()
def suspend(
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Suspend a transaction: its parties cannot sign until it is resumed."""
    from esignwire.signix import TransactionSuspend

    _run(TransactionSuspend(), transaction_id, document_set_id, profile, is_json=is_json)


@application.command()
def resume(
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Resume a suspended transaction."""
    from esignwire.signix import TransactionResume

    _run(TransactionResume(), transaction_id, document_set_id, profile, is_json=is_json)


@application.command()
def change_email(
    ref_id: _RefId,
    email: Annotated[str, typer.Option(help="The new address.")],
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Change a signer's e-mail address. SIGNiX sends no e-mail by itself: resend does."""
    from esignwire.signix import TransactionSaveDeltas

    command = TransactionSaveDeltas.change_email(ref_id, email)
    _run(command, transaction_id, document_set_id, profile, is_json=is_json)


@application.command()
def change_mobile(
    ref_id: _RefId,
    mobile: Annotated[str, typer.Option(help="The new number: exactly 10 digits.")],
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Change a signer's mobile number."""
    from esignwire.signix import TransactionSaveDeltas

    command = TransactionSaveDeltas.change_mobile_number(ref_id, mobile)
    _run(command, transaction_id, document_set_id, profile, is_json=is_json)


@application.command()
def resend(
    ref_id: _RefId,
    subject: Annotated[str | None, typer.Option(help="The subject, on one line.")] = None,
    message: Annotated[str | None, typer.Option(help="The text.")] = None,
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Send a signer the e-mail with the link for signing again."""
    from esignwire.signix import TransactionSendPartyEmail

    command = TransactionSendPartyEmail.to_party(ref_id, subject, message)
    _run(command, transaction_id, document_set_id, profile, is_json=is_json)


@application.command()
def ajax(
    request: Annotated[
        list[Path],
        typer.Option(
            "--request",
            help="A file with one command in JSON; - is standard input. Several go together: all"
            " are saved or none is.",
        ),
    ],
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Run commands of your own on a transaction, and tell how each ended."""
    from esignwire.signix import RolledBack, parse_command, require_succeeded

    commands: list[Command] = []
    for path in request:
        text = text_of(path)
        try:
            commands.append(parse_command(text))
            continue
        except InvalidRequest as error:
            failure = error.message
        raise InvalidRequest(f"{path}: {failure}", path=str(path), operation="SubmitAjax")
    outcomes: Sequence[Outcome]
    with profiles.signix(profile) as client, working("SubmitAjax", is_json=is_json):
        transaction = client.transaction(
            transaction_id=transaction_id, document_set_id=document_set_id
        )
        if len(commands) == 1:
            outcomes = [transaction.run(commands[0])]
        else:
            outcomes = transaction.run_all(commands)
    print_result([_described(one) for one in outcomes], is_json=is_json)
    for outcome in outcomes:
        # What was rolled back is told by the failure behind it.
        if not isinstance(outcome, RolledBack):
            require_succeeded(outcome)


@application.command()
def submit(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The PDF.", show_default=False)
    ],
    party: Annotated[
        list[str],
        typer.Option(
            "--party",
            metavar="REF:FIRST:LAST:EMAIL",
            help="A signer; the order is that of signing.",
        ),
    ],
    signature: Annotated[
        list[str] | None,
        typer.Option(
            "--signature",
            metavar="REF=TEXT",
            help="Where a party signs: at this text of the PDF. Without any, the transaction waits"
            " until the submitter has placed the fields at submitter_link.",
        ),
    ] = None,
    description: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    submitter_email: Annotated[
        str | None,
        typer.Option(help="The submitter's address; the first party's where none is given."),
    ] = None,
    transaction_id: _TransactionId = None,
    *,
    is_demo: Annotated[
        bool, typer.Option("--demo", help="A demonstration, whose signatures do not count.")
    ] = False,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Make a transaction of a PDF and send it out for signing."""
    from esignwire.signix import Field, Form

    parties = [_party(one) for one in party]
    fields: list[Field] = []
    for one in signature or []:
        ref_id, is_there, text = one.partition("=")
        if not is_there or not text:
            raise InvalidRequest("--signature must be REF=TEXT", path="--signature")
        fields.append(Field.signature(ref_id, at=text))
    with profiles.signix(profile) as client, working("SubmitDocument", is_json=is_json):
        transaction = client.submit(
            description or file.stem,
            parties=parties,
            forms=[Form(file, fields=fields)],
            submitter_email=submitter_email or parties[0].email,
            transaction_id=transaction_id,
            suspend_on_start=not fields,
            demo=is_demo,
        )
        shown: dict[str, object] = {
            "transaction_id": transaction.transaction_id,
            "document_set_id": transaction.document_set_id,
            "pickup_link": transaction.pickup_link,
            "is_suspended": not fields,
        }
        if not fields:
            try:
                shown["submitter_link"] = transaction.submitter_link()
            except EsignWireError:
                # The transaction is there all the same, and its identifiers must not be lost.
                shown["submitter_link"] = None
    print_result(shown, is_json=is_json)


def _party(text: str) -> Party:
    from esignwire.signix import Party

    parts = text.split(":", 3)
    if len(parts) != 4 or not all(parts):
        raise InvalidRequest(f"--party must be REF:FIRST:LAST:EMAIL; {text!r} was given")
    return Party(parts[0], parts[1], parts[2], parts[3])


@application.command()
def signing_link(
    party: Annotated[
        str,
        typer.Option(
            help="The party: its place in the submission, from 1, or its RefID with --parties."
        ),
    ] = "1",
    parties: Annotated[
        str | None,
        typer.Option(
            metavar="REF,REF,...",
            help="The RefIDs in the order of the submission. SIGNiX knows a party by its place.",
        ),
    ] = None,
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Ask for the link at which a party signs. The link lets its holder sign."""
    known = parties.split(",") if parties else []
    if party in known:
        place = known.index(party) + 1
    elif party.isdecimal() and len(party) < 10 and 0 < int(party) <= (len(known) or int(party)):
        place = int(party)
    else:
        rule = (
            f"one of {', '.join(known)}" if known else "a place from 1, or a RefID with --parties"
        )
        raise InvalidRequest(f"--party must be {rule}; {party!r} was given", path="--party")
    with profiles.signix(profile) as client, working("GetAccessLink", is_json=is_json):
        transaction = client.transaction(
            transaction_id=transaction_id, document_set_id=document_set_id
        )
        link = transaction.signing_link(place)
    print_result({"url": link}, is_json=is_json)


@application.command()
def download(
    output: Annotated[
        Path, typer.Option("--output", file_okay=False, help="The folder; nothing is overwritten.")
    ],
    transaction_id: _TransactionId = None,
    document_set_id: _DocumentSetId = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Download the signed files of a complete transaction, with its audit report."""
    with profiles.signix(profile) as client:
        transaction = client.transaction(
            transaction_id=transaction_id, document_set_id=document_set_id
        )
        with progress("DownloadDocument", is_json=is_json) as told:
            files = transaction.download(progress=told)
        saved = files.save_all(output)
    print_result({"paths": saved}, is_json=is_json)
