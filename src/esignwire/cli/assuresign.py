"""Commands of AssureSign DocumentNOW."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from esignwire.cli import profiles
from esignwire.cli.files import text_of
from esignwire.cli.output import Json, print_result, working
from esignwire.cli.profiles import Profile
from esignwire.errors import AssureSignError, InvalidRequest

if TYPE_CHECKING:
    from esignwire.assuresign import DocumentReference, FileDocument, SessionOutcome, StatusOutcome

__all__ = ["application"]

application: typer.Typer = typer.Typer(
    help="AssureSign DocumentNOW: documents, envelopes and sessions.", no_args_is_help=True
)

application.callback()(profiles.take_user_flags)

_Id = Annotated[str, typer.Option("--id", help="The identifier, a GUID.")]
_Token = Annotated[
    str | None,
    typer.Option(
        "--auth-token",
        help="The token, a GUID. Other users of this machine can see it in the list of processes:"
        " prefer --auth-token-file, or leave both out and be asked.",
    ),
]
_TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--auth-token-file",
        help="A file with the token; - reads standard input.",
    ),
]
_File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="The document.", show_default=False)
]
_Template = Annotated[str, typer.Option("--template", help="The template, a GUID.")]
_Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="A parameter of the template."),
]
_Name = Annotated[str | None, typer.Option("--name", help="The name that people see.")]
_OrderNumber = Annotated[
    str | None, typer.Option("--order-number", help="A reference of your own.")
]
_Kind = Literal["completed", "interim", "original", "completion report"]


def _token(token: str | None, file: Path | None) -> str:
    if token is not None and file is not None:
        raise InvalidRequest("give --auth-token or --auth-token-file, not both")
    if token is not None:
        return token
    if file is not None:
        return text_of(file).strip()
    stream: TextIO | None = sys.stdin
    if stream is None or not stream.isatty():
        raise InvalidRequest(
            "the token is missing: give --auth-token-file or --auth-token, or run this in a"
            " terminal, which asks for it"
        )
    answer: str = typer.prompt("Token", hide_input=True, err=True)
    return answer


def _reference(identifier: str, token: str | None, file: Path | None) -> DocumentReference:
    from esignwire.assuresign import DocumentReference

    return DocumentReference(id=identifier, auth_token=_token(token, file))


def _document(
    file: Path,
    template: str,
    parameters: list[str] | None,
    name: str | None,
    order_number: str | None,
) -> FileDocument:
    from esignwire.assuresign import FileDocument

    values: dict[str, str] = {}
    for one in parameters or []:
        key, is_there, value = one.partition("=")
        # The value may be a password, so the message shows none of it.
        if not is_there or not key:
            raise InvalidRequest("--parameter must be NAME=VALUE", path="--parameter")
        if key in values:
            raise InvalidRequest(f"--parameter {key} is given twice", path="--parameter")
        values[key] = value
    return FileDocument(
        file,
        template_id=template,
        parameters=values,
        document_name=name or file.stem,
        order_number=order_number,
    )


@application.command()
def check_status(
    identifier: _Id,
    auth_token: _Token = None,
    auth_token_file: _TokenFile = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Tell where a document stands."""
    document = _reference(identifier, auth_token, auth_token_file)
    with profiles.assuresign(profile) as client, working("CheckStatus", is_json=is_json):
        (outcome,) = client.check_status(document)
    print_result(_accepted(outcome), is_json=is_json)


def _accepted(outcome: StatusOutcome) -> object:
    from esignwire.assuresign import StatusRejected

    if isinstance(outcome, StatusRejected):
        words = "; ".join(one.text for one in outcome.exceptions)
        raise AssureSignError(
            f"the vendor does not tell the status of {outcome.id}: {words or 'it gave no reason'}",
            exceptions=tuple((str(one.severity), one.text) for one in outcome.exceptions),
            vendor="AssureSign",
            operation="CheckStatus",
        )
    return outcome


@application.command()
def lookup_session(
    session_id: Annotated[str, typer.Argument(help="The session, a GUID.", show_default=False)],
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Tell how an asynchronous submission or closing stands."""
    with profiles.assuresign(profile) as client, working("LookupSession", is_json=is_json):
        outcome = client.lookup_session(session_id)
    print_result(_session(outcome), is_json=is_json)


def _session(outcome: SessionOutcome) -> dict[str, object]:
    from esignwire.assuresign import EnvelopeClosed, SessionPending, SubmissionCompleted
    from esignwire.cli.output import members_of

    match outcome:
        case SessionPending():
            return {"state": "pending", **members_of(outcome)}
        case SubmissionCompleted():
            return {
                "state": "completed",
                "session_id": outcome.session_id,
                "documents": outcome.documents,
                "rejected": outcome.rejected,
                "warnings": outcome.warnings,
            }
        case EnvelopeClosed():
            return {"state": "closed", **members_of(outcome)}


@application.command()
def submit(
    file: _File,
    template: _Template,
    parameter: _Parameters = None,
    name: _Name = None,
    order_number: _OrderNumber = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Start a document and wait until the vendor has processed it. Keep its id and token."""
    document = _document(file, template, parameter, name, order_number)
    with profiles.assuresign(profile) as client, working("SubmitWithFile", is_json=is_json):
        submitted = client.submit(document)
    print_result(submitted, is_json=is_json)


@application.command()
def async_submit(
    file: _File,
    template: _Template,
    parameter: _Parameters = None,
    name: _Name = None,
    order_number: _OrderNumber = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Start a document without waiting; lookup-session tells how it ended."""
    document = _document(file, template, parameter, name, order_number)
    with profiles.assuresign(profile) as client, working("AsyncSubmitWithFile", is_json=is_json):
        session = client.async_submit(document)
    print_result(session, is_json=is_json)


@application.command()
def close_envelope(
    identifier: _Id,
    auth_token: _Token = None,
    auth_token_file: _TokenFile = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Close an envelope, which sends its documents to the signers."""
    envelope = _reference(identifier, auth_token, auth_token_file)
    with profiles.assuresign(profile) as client, working("CloseEnvelope", is_json=is_json):
        closed = client.close_envelope(envelope)
    print_result(closed, is_json=is_json)


@application.command()
def cancel(
    identifier: _Id,
    auth_token: _Token = None,
    auth_token_file: _TokenFile = None,
    remarks: Annotated[str | None, typer.Option(help="Why, for the document's history.")] = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Cancel a document. This cannot be undone."""
    document = _reference(identifier, auth_token, auth_token_file)
    with profiles.assuresign(profile) as client, working("Cancel", is_json=is_json):
        cancelled = client.cancel(document, remarks=remarks)
    print_result(cancelled, is_json=is_json)


@application.command()
def download(
    identifier: _Id,
    output: Annotated[
        Path,
        typer.Option(
            "--output", dir_okay=False, help="The file to write; one of that name is replaced."
        ),
    ],
    auth_token: _Token = None,
    auth_token_file: _TokenFile = None,
    kind: Annotated[_Kind, typer.Option(help="What to fetch.")] = "completed",
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Download a document to a file."""
    if not output.absolute().parent.is_dir():
        raise InvalidRequest(f"--output: there is no folder {output.parent}", path="--output")
    document = _reference(identifier, auth_token, auth_token_file)
    with profiles.assuresign(profile) as client:
        from esignwire.cli.output import progress

        with progress("Download", is_json=is_json) as told:
            received = client.download(document, kind, progress=told)
        saved = received.save(output)
    print_result({"path": saved, "size": received.size}, is_json=is_json)


@application.command()
def signing_links(
    identifier: _Id,
    auth_token: _Token = None,
    auth_token_file: _TokenFile = None,
    redirect_url: Annotated[
        str | None, typer.Option(help="Where a signer is sent after signing.")
    ] = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """List the links at which the signers sign. Each link lets its holder sign."""
    document = _reference(identifier, auth_token, auth_token_file)
    with profiles.assuresign(profile) as client, working("GetSigningLinks", is_json=is_json):
        links = client.signing_links(document, redirect_url=redirect_url)
    print_result(links, is_json=is_json)


@application.command()
def resend(
    identifier: _Id,
    email: Annotated[str, typer.Option(help="The receiver's e-mail address.")],
    auth_token: _Token = None,
    auth_token_file: _TokenFile = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Send the e-mail of a document again to one of its receivers."""
    document = _reference(identifier, auth_token, auth_token_file)
    with profiles.assuresign(profile) as client, working("ResendNotification", is_json=is_json):
        sent = client.resend_email(document, email)
    print_result(sent, is_json=is_json)
