"""AssureSign: signing users in, and managing them.

Documented: what each operation asks for and answers; that a good answer holds an empty list of
exceptions; that CreateUser needs a UserName, FirstName, LastName, a Role, and either a Password or
AutoGeneratePassword, while the rest may be left out.

Chosen here: which names and roles there are, and all that ``assuresign_directory`` says. Tags of
UpdateUser take the place of those that were there. Locked as true locks. No e-mail is sent: a
password that was made up stands in the emulator's state and nowhere else. The addresses that a
sign-in answers with lead nowhere; the control address ``assuresign/users/renew`` does what the user
would do at ExpiredPasswordUrl, and keeps the password.
"""

from __future__ import annotations

from collections.abc import Callable

from esignwire.emulator.assuresign_desk import Desk
from esignwire.emulator.assuresign_directory import (
    Account,
    PasswordExpired,
    Tag,
    User,
    check_password,
    check_user_name,
)
from esignwire.emulator.identifiers import Identifiers
from esignwire.emulator.markup import Element, boolean, said
from esignwire.emulator.refusal import NotPossible

__all__ = [
    "authenticate_user",
    "create_user",
    "delete_user",
    "get_user",
    "list_users",
    "update_user",
]

_EXCEPTION = "UserException"
_Flags = dict[str, str | None]


def authenticate_user(desk: Desk, request: Element) -> Element:
    """Play AuthenticateUser."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    attributes: _Flags = {"Success": "false"}
    content: list[Element] = []
    refusals: list[str] = []
    try:
        sign_in = desk.directory.sign_in(
            question.get("UserName", ""),
            question.get("Password", ""),
            desk.now,
            desk.state.identifiers,
        )
    except PasswordExpired as refusal:
        refusals.append(str(refusal))
        attributes["ExpiredPasswordUrl"] = _address(desk)
    except NotPossible as refusal:
        refusals.append(str(refusal))
    else:
        user = sign_in.user
        attributes = {
            "Success": "true",
            "AuthenticationToken": sign_in.token,
            "UserName": user.user_name,
            "FirstName": user.first_name or None,
            "LastName": user.last_name or None,
            "UpdateSecurityQuestionUrl": _address(desk),
            "ChangePasswordUrl": _address(desk),
        }
        content.append(desk.words.element("Accounts", *_accounts(desk, user)))
    return desk.response(
        desk.words.element(
            "AuthenticateUserResult",
            *content,
            desk.outcome(_EXCEPTION, refusals),
            attributes=attributes,
        )
    )


def create_user(desk: Desk, request: Element) -> Element:
    """Play CreateUser."""

    def create(question: Element, account: Account, caller: User) -> None:  # noqa: ARG001  # any
        user_name = question.get("UserName", "")
        check_user_name(user_name)
        missing = [
            name for name in ("FirstName", "LastName", "Role") if not said(question.get(name))
        ]
        if missing:
            raise NotPossible(f"There must be a {missing[0]}.")
        role = question.get("Role", "")
        account.roles.check(role, "role")
        password = _password(desk, question, "AutoGeneratePassword")
        if password is None:
            raise NotPossible("There must be a Password or AutoGeneratePassword.")
        desk.directory.check_free(user_name)
        account.roles = account.roles.with_name(role)
        desk.directory.add_user(
            User(
                user_name=user_name,
                password=password,
                first_name=question.get("FirstName", ""),
                last_name=question.get("LastName", ""),
                role=role,
                accounts=[account],
                tags=_tags(desk, question) or (),
                must_change_password=boolean(question.get("RequirePasswordChange")),
                is_inactive=boolean(question.get("Inactive")),
            )
        )

    return _done(desk, request, "CreateUserResult", create)


def get_user(desk: Desk, request: Element) -> Element:
    """Play GetUser."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    content: list[Element] = []
    refusals: list[str] = []
    flags: _Flags = dict.fromkeys(("RequirePasswordChange", "Inactive", "Locked"), "false")
    try:
        account, _ = desk.managed(question)
        user = desk.directory.user_of(account, question.get("UserName", ""))
    except NotPossible as refusal:
        refusals.append(str(refusal))
    else:
        flags = _attributes(user)
        content = _tag_list(desk, user)
    return desk.response(
        desk.words.element(
            "GetUserResult",
            *content,
            desk.outcome(_EXCEPTION, refusals),
            attributes={**flags, "Success": _truth(not refusals)},
        )
    )


def update_user(desk: Desk, request: Element) -> Element:
    """Play UpdateUser. It changes all that it is asked to, or nothing."""

    def update(question: Element, account: Account, caller: User) -> None:
        user = desk.directory.user_of(account, question.get("UserName", ""))
        caller.check_may_change(user)
        new_name = question.get("NewUserName")
        if new_name is not None:
            check_user_name(new_name)
            desk.directory.check_free(new_name, but=user)
        for name in ("FirstName", "LastName", "Role"):
            if name in question.attrib and not said(question.get(name)):
                raise NotPossible(f"There must be a {name}.")
        role = question.get("Role", user.role)
        if role != user.role:
            for one in user.accounts:
                one.roles.check(role, "role")
        password = _password(desk, question, "AutoGenerateNewPassword")
        # Nothing is refused from here on.
        if new_name is not None:
            desk.directory.rename(user, new_name)
        if password is not None:
            user.password = password
        if role != user.role:
            user.role = role
            for one in user.accounts:
                one.roles = one.roles.with_name(role)
        user.first_name = question.get("FirstName", user.first_name)
        user.last_name = question.get("LastName", user.last_name)
        tags = _tags(desk, question)
        user.tags = user.tags if tags is None else tags
        user.must_change_password = _flag(
            desk, question, "RequirePasswordChange", user.must_change_password
        )
        user.is_inactive = _flag(desk, question, "Inactive", user.is_inactive)
        was_locked = user.is_locked
        user.is_locked = _flag(desk, question, "Locked", was_locked)
        if was_locked and not user.is_locked:
            user.failures = 0

    return _done(desk, request, "UpdateUserResult", update)


def delete_user(desk: Desk, request: Element) -> Element:
    """Play DeleteUser. A user of several accounts stays in the others."""

    def delete(question: Element, account: Account, caller: User) -> None:  # noqa: ARG001  # any
        user = desk.directory.user_of(account, question.get("UserName", ""))
        desk.directory.delete(user, account)

    return _done(desk, request, "DeleteUserResult", delete)


def list_users(desk: Desk, request: Element) -> Element:
    """Play ListUsers."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    content: list[Element] = []
    refusals: list[str] = []
    try:
        account, _ = desk.managed(question)
    except NotPossible as refusal:
        refusals.append(str(refusal))
    else:
        users = [
            desk.words.element("User", *_tag_list(desk, user), attributes=_attributes(user))
            for user in desk.directory.users_of(account)
        ]
        content.append(desk.words.element("Users", *users))
    return desk.response(
        desk.words.element(
            "ListUsersResult",
            *content,
            desk.outcome(_EXCEPTION, refusals),
            attributes={"Success": _truth(not refusals)},
        )
    )


def _done(
    desk: Desk, request: Element, result: str, change: Callable[[Element, Account, User], None]
) -> Element:
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    refusals: list[str] = []
    try:
        change(question, *desk.managed(question))
    except NotPossible as refusal:
        refusals.append(str(refusal))
    return desk.response(
        desk.words.element(
            result,
            desk.outcome(_EXCEPTION, refusals),
            attributes={"Success": _truth(not refusals)},
        )
    )


def _password(desk: Desk, question: Element, is_generated: str) -> str | None:
    """Find the new password; ``None`` where there is none."""
    password = question.get("Password") or None
    if boolean(desk.words.text(question, is_generated)):
        if password is not None:
            raise NotPossible(f"There must not be both a Password and {is_generated}.")
        return _generated_password(desk.state.identifiers)
    if password is not None:
        check_password(password)
    return password


def _generated_password(identifiers: Identifiers) -> str:
    # The ending satisfies the rules, whatever the rest is.
    return f"{identifiers.token(16)}a1"


def _flag(desk: Desk, question: Element, name: str, present: bool) -> bool:
    # An element that is nil holds no text.
    text = desk.words.text(question, name)
    return boolean(text) if text else present


def _tags(desk: Desk, question: Element) -> tuple[Tag, ...] | None:
    if desk.words.child(question, "Tags") is None:
        return None
    return tuple(
        (tag.get("Name"), tag.get("Value")) for tag in desk.words.children(question, "Tags/UserTag")
    )


def _tag_list(desk: Desk, user: User) -> list[Element]:
    if not user.tags:
        return []
    tags = [
        desk.words.element("UserTag", attributes={"Name": name, "Value": value})
        for name, value in user.tags
    ]
    return [desk.words.element("Tags", *tags)]


def _attributes(user: User) -> _Flags:
    return {
        "RequirePasswordChange": _truth(user.must_change_password),
        "Inactive": _truth(user.is_inactive),
        "Locked": _truth(user.is_locked),
        "UserName": user.user_name,
        "FirstName": user.first_name or None,
        "LastName": user.last_name or None,
        "Role": user.role,
    }


def _accounts(desk: Desk, user: User) -> list[Element]:
    return [
        desk.words.element(
            "UserAccount",
            attributes={
                "ContextIdentifier": str(account.context_identifier),
                "IsPrimary": _truth(account is user.accounts[0]),
                "Name": account.name,
            },
        )
        for account in user.accounts
        if not account.is_inactive
    ]


def _address(desk: Desk) -> str:
    return f"{desk.base_url}/assuresign/link/{desk.state.identifiers.token()}"


def _truth(value: bool) -> str:
    return "true" if value else "false"
