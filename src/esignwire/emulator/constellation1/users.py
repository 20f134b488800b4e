"""Players of the calls on users.

The vendor's advice is that an e-mail address belongs to one user; what it says of a second is not
published. A created user is active, and no administrator.
"""

from __future__ import annotations

from collections.abc import Mapping

from esignwire.emulator.constellation1.context import USER_NOT_FOUND, Body, Call, Refused
from esignwire.emulator.constellation1.state import User

__all__ = [
    "create_user",
    "get_user_by_id",
    "get_user_by_username",
    "provision_user",
    "shown",
    "update_group_user_role",
    "update_user",
    "update_user_by_username",
]


def create_user(call: Call) -> Body:
    """CreateUser."""
    given = call.object("user")
    name = str(given["Username"])
    _check_free(call, name)
    user = User(
        id=call.shared.identifiers.token(12),
        account=call.account_id,
        name=name,
        members={},
    )
    _change(call, user, given)
    call.state.users[(user.account, name.lower())] = user
    return {"Users": [shown(user)]}


def get_user_by_id(call: Call) -> Body:
    """GetUserById."""
    return {"Users": [shown(_by_id(call, call.text("id")))]}


def get_user_by_username(call: Call) -> Body:
    """GetUserByUsername."""
    return {"Users": [shown(_by_name(call, call.text("username")))]}


def update_user(call: Call) -> Body:
    """UpdateUser. The user is found by SystemUserId, or else by Username."""
    given = call.object("user")
    identifier = given.get("SystemUserId")
    if isinstance(identifier, str):
        user = _by_id(call, identifier)
    elif isinstance(given.get("Username"), str):
        user = _by_name(call, str(given["Username"]))
    else:
        raise Refused("Error: SystemUserId is missing.")
    _change(call, user, given)
    return {"Users": [shown(user)]}


def update_user_by_username(call: Call) -> Body:
    """UpdateUserByUsername."""
    user = _by_name(call, call.text("oldUsername"))
    _change(call, user, call.object("user"))
    return {"Users": [shown(user)]}


def provision_user(call: Call) -> Body:
    """ProvisionUser."""
    user = _by_id(call, call.text("systemUserId"))
    user.is_active = call.number("userStatus") == 1
    return {"Users": [shown(user)]}


def update_group_user_role(call: Call) -> Body:
    """UpdateGroupUserRole. The user who makes the call must be an administrator."""
    if call.acting_user(call.text("username")).role != "Admin":
        raise Refused("Error: The user is no administrator.")
    _by_name(call, call.text("groupUser")).role = call.text("userRole")
    return {"ReturnValue": "True"}


def shown(user: User) -> Body:
    """Describe a user without the password."""
    return {
        **user.members,
        "SystemUserId": user.id,
        "Username": user.name,
        "StatusCode": int(user.is_active),
    }


def _change(call: Call, user: User, given: Mapping[str, object]) -> None:
    """Take over what is given. Nothing changes where something of it is refused."""
    members = dict(given)
    password = members.pop("Password", None)
    clear = None if password is None else call.decrypted(str(password))
    name = str(members.pop("Username", user.name))
    if name.lower() != user.name.lower():
        _check_free(call, name)
        records = call.state.users
        records[(user.account, name.lower())] = records.pop((user.account, user.name.lower()))
        for session in call.sessions():
            if session.user_name.lower() == user.name.lower():
                session.user_name = name
    members.pop("SystemUserId", None)
    status = members.pop("StatusCode", int(user.is_active))
    user.name = name
    user.is_active = status == 1
    user.members.update(members)
    user.password = user.password if clear is None else clear


def _check_free(call: Call, name: str) -> None:
    if call.find_user(name) is not None:
        raise Refused("Error: There is a user with this Username.")


def _by_name(call: Call, name: str) -> User:
    user = call.find_user(name)
    if user is None:
        raise Refused(USER_NOT_FOUND)
    return user


def _by_id(call: Call, identifier: str) -> User:
    for user in call.state.users.values():
        if user.id == identifier and user.account == call.account_id:
            return user
    raise Refused("Error: There is no user with this id.")
