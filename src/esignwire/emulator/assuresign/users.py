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

from esignwire.emulator._wire import Element, boolean, said
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.directory import (
    Account,
    PasswordExpired,
    Tag,
    User,
    check_password,
    check_user_name,
)
from esignwire.emulator.shared import Identifiers, NotPossible

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


def authenticate_user(context: Context, request: Element) -> Element:
    """Play AuthenticateUser."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    attributes: _Flags = {"Success": "false"}
    content: list[Element] = []
    refusals: list[str] = []
    try:
        sign_in = context.directory.sign_in(
            question.get("UserName", ""),
            question.get("Password", ""),
            context.now,
            context.shared.identifiers,
        )
    except PasswordExpired as refusal:
        refusals.append(str(refusal))
        attributes["ExpiredPasswordUrl"] = _address(context)
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
            "UpdateSecurityQuestionUrl": _address(context),
            "ChangePasswordUrl": _address(context),
        }
        content.append(context.words.element("Accounts", *_accounts(context, user)))
    return context.response(
        context.words.element(
            "AuthenticateUserResult",
            *content,
            context.outcome(_EXCEPTION, refusals),
            attributes=attributes,
        )
    )


def create_user(context: Context, request: Element) -> Element:
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
        password = _password(context, question, "AutoGeneratePassword")
        if password is None:
            raise NotPossible("There must be a Password or AutoGeneratePassword.")
        context.directory.check_free(user_name)
        account.roles = account.roles.with_name(role)
        context.directory.add_user(
            User(
                user_name=user_name,
                password=password,
                first_name=question.get("FirstName", ""),
                last_name=question.get("LastName", ""),
                role=role,
                accounts=[account],
                tags=_tags(context, question) or (),
                must_change_password=boolean(question.get("RequirePasswordChange")),
                is_inactive=boolean(question.get("Inactive")),
            )
        )

    return _done(context, request, "CreateUserResult", create)


def get_user(context: Context, request: Element) -> Element:
    """Play GetUser."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    content: list[Element] = []
    refusals: list[str] = []
    flags: _Flags = dict.fromkeys(("RequirePasswordChange", "Inactive", "Locked"), "false")
    try:
        account, _ = context.managed(question)
        user = context.directory.user_of(account, question.get("UserName", ""))
    except NotPossible as refusal:
        refusals.append(str(refusal))
    else:
        flags = _attributes(user)
        content = _tag_list(context, user)
    return context.response(
        context.words.element(
            "GetUserResult",
            *content,
            context.outcome(_EXCEPTION, refusals),
            attributes={**flags, "Success": _truth(not refusals)},
        )
    )


def update_user(context: Context, request: Element) -> Element:
    """Play UpdateUser. It changes all that it is asked to, or nothing."""

    def update(question: Element, account: Account, caller: User) -> None:
        user = context.directory.user_of(account, question.get("UserName", ""))
        caller.check_may_change(user)
        new_name = question.get("NewUserName")
        if new_name is not None:
            check_user_name(new_name)
            context.directory.check_free(new_name, but=user)
        for name in ("FirstName", "LastName", "Role"):
            if name in question.attrib and not said(question.get(name)):
                raise NotPossible(f"There must be a {name}.")
        role = question.get("Role", user.role)
        if role != user.role:
            for one in user.accounts:
                one.roles.check(role, "role")
        password = _password(context, question, "AutoGenerateNewPassword")
        # Nothing is refused from here on.
        if new_name is not None:
            context.directory.rename(user, new_name)
        if password is not None:
            user.password = password
        if role != user.role:
            user.role = role
            for one in user.accounts:
                one.roles = one.roles.with_name(role)
        user.first_name = question.get("FirstName", user.first_name)
        user.last_name = question.get("LastName", user.last_name)
        tags = _tags(context, question)
        user.tags = user.tags if tags is None else tags
        user.must_change_password = _flag(
            context, question, "RequirePasswordChange", user.must_change_password
        )
        user.is_inactive = _flag(context, question, "Inactive", user.is_inactive)
        was_locked = user.is_locked
        user.is_locked = _flag(context, question, "Locked", was_locked)
        if was_locked and not user.is_locked:
            user.failures = 0

    return _done(context, request, "UpdateUserResult", update)


def delete_user(context: Context, request: Element) -> Element:
    """Play DeleteUser. A user of several accounts stays in the others."""

    def delete(question: Element, account: Account, caller: User) -> None:  # noqa: ARG001  # any
        user = context.directory.user_of(account, question.get("UserName", ""))
        context.directory.delete(user, account)

    return _done(context, request, "DeleteUserResult", delete)


def list_users(context: Context, request: Element) -> Element:
    """Play ListUsers."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    content: list[Element] = []
    refusals: list[str] = []
    try:
        account, _ = context.managed(question)
    except NotPossible as refusal:
        refusals.append(str(refusal))
    else:
        users = [
            context.words.element("User", *_tag_list(context, user), attributes=_attributes(user))
            for user in context.directory.users_of(account)
        ]
        content.append(context.words.element("Users", *users))
    return context.response(
        context.words.element(
            "ListUsersResult",
            *content,
            context.outcome(_EXCEPTION, refusals),
            attributes={"Success": _truth(not refusals)},
        )
    )


def _done(
    context: Context,
    request: Element,
    result: str,
    change: Callable[[Element, Account, User], None],
) -> Element:
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    refusals: list[str] = []
    try:
        change(question, *context.managed(question))
    except NotPossible as refusal:
        refusals.append(str(refusal))
    return context.response(
        context.words.element(
            result,
            context.outcome(_EXCEPTION, refusals),
            attributes={"Success": _truth(not refusals)},
        )
    )


def _password(context: Context, question: Element, is_generated: str) -> str | None:
    """Find the new password; ``None`` where there is none."""
    password = question.get("Password") or None
    if boolean(context.words.text(question, is_generated)):
        if password is not None:
            raise NotPossible(f"There must not be both a Password and {is_generated}.")
        return _generated_password(context.shared.identifiers)
    if password is not None:
        check_password(password)
    return password


def _generated_password(identifiers: Identifiers) -> str:
    # The ending satisfies the rules, whatever the rest is.
    return f"{identifiers.token(16)}a1"


def _flag(context: Context, question: Element, name: str, present: bool) -> bool:
    # An element that is nil holds no text.
    text = context.words.text(question, name)
    return boolean(text) if text else present


def _tags(context: Context, question: Element) -> tuple[Tag, ...] | None:
    if context.words.child(question, "Tags") is None:
        return None
    return tuple(
        (tag.get("Name"), tag.get("Value"))
        for tag in context.words.children(question, "Tags/UserTag")
    )


def _tag_list(context: Context, user: User) -> list[Element]:
    if not user.tags:
        return []
    tags = [
        context.words.element("UserTag", attributes={"Name": name, "Value": value})
        for name, value in user.tags
    ]
    return [context.words.element("Tags", *tags)]


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


def _accounts(context: Context, user: User) -> list[Element]:
    return [
        context.words.element(
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


def _address(context: Context) -> str:
    return f"{context.base_url}/assuresign/link/{context.shared.identifiers.token()}"


def _truth(value: bool) -> str:
    return "true" if value else "false"
