"""Commands of Constellation1 eSign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from esignwire.cli import profiles
from esignwire.cli.output import Json, print_result, working
from esignwire.cli.profiles import Profile

if TYPE_CHECKING:
    from esignwire.constellation1 import Session

__all__ = ["application"]

application: typer.Typer = typer.Typer(
    help="Constellation1 eSign: sessions, their signers and documents.", no_args_is_help=True
)

application.callback()(profiles.take_user_flags)

_SessionId = Annotated[
    str, typer.Argument(metavar="ID", help="The session, a GUID.", show_default=False)
]
_ReturnUrl = Annotated[str, typer.Option(help="The URL of your host.")]
_OptionalReturnUrl = Annotated[str | None, typer.Option(help="The URL of your host.")]


@application.command()
def create_session(
    file: Annotated[
        Path,
        typer.Argument(help="The session in JSON; - is standard input.", show_default=False),
    ],
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Create a session as a draft; start-session sends it to its signers."""
    from esignwire.cli.messages import arguments_of, normal, read_json
    from esignwire.cli.operations import json_operation

    operation = json_operation("CreateSession")
    account = profiles.account_of("constellation1", profile)
    # The file may hold the session alone, or the arguments of the call.
    given = read_json(file)
    members = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    is_whole = any(normal(name) == "session" for name in members)
    taken = arguments_of(operation, members if is_whole else {"session": members}, account)
    session = cast("Session", taken["session"])
    with profiles.constellation1(profile) as client, working("CreateSession", is_json=is_json):
        created = client.create_session(session)
    print_result(created, is_json=is_json)


@application.command()
def start_session(
    session_id: _SessionId,
    return_url: _ReturnUrl,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Send a session to its signers."""
    with profiles.constellation1(profile) as client, working("StartSession", is_json=is_json):
        started = client.start_session(session_id, return_url)
    print_result(started, is_json=is_json)


@application.command()
def get_session(session_id: _SessionId, *, is_json: Json = False, profile: Profile = None) -> None:
    """Tell where a session and its signers stand."""
    with profiles.constellation1(profile) as client, working("GetSession", is_json=is_json):
        found = client.get_session(session_id)
    print_result(found, is_json=is_json)


@application.command()
def cancel_session(
    session_id: _SessionId,
    return_url: _OptionalReturnUrl = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Cancel a session."""
    with profiles.constellation1(profile) as client, working("CancelSession", is_json=is_json):
        done = client.cancel_session(session_id, return_url=return_url)
    print_result(done, is_json=is_json)


@application.command()
def close_session(
    session_id: _SessionId,
    return_url: _OptionalReturnUrl = None,
    *,
    is_json: Json = False,
    profile: Profile = None,
) -> None:
    """Close a session."""
    with profiles.constellation1(profile) as client, working("CloseSession", is_json=is_json):
        done = client.close_session(session_id, return_url=return_url)
    print_result(done, is_json=is_json)


@application.command()
def delete_session(
    session_id: _SessionId, *, is_json: Json = False, profile: Profile = None
) -> None:
    """Delete a session."""
    with profiles.constellation1(profile) as client, working("DeleteSession", is_json=is_json):
        done = client.delete_session(session_id)
    print_result(done, is_json=is_json)


@application.command()
def action_logs(session_id: _SessionId, *, is_json: Json = False, profile: Profile = None) -> None:
    """List what happened to a session."""
    with (
        profiles.constellation1(profile) as client,
        working("GetSessionActionLogs", is_json=is_json),
    ):
        found = client.get_session_action_logs(session_id)
    print_result(found, is_json=is_json)
