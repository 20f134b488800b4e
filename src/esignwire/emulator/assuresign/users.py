"""Operations of AssureSign that sign users in and manage them.

Documented: what each operation asks for and answers; that a good answer holds an empty list of
exceptions; that CreateUser needs a UserName, FirstName, LastName, a Role, and either a Password or
AutoGeneratePassword, while the rest may be left out.

Chosen here: tags of UpdateUser take the place of those that were there. No e-mail is sent: a
generated password stands in the emulator's state and nowhere else. The addresses that a sign-in
answers with lead nowhere; the control address ``assuresign/users/renew`` does what the user would
do at ExpiredPasswordUrl, and keeps the password.
"""

from __future__ import annotations

from esignwire.emulator._wire import Element, boolean, not_blank, truth
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.directory import Account, PasswordExpired, User, check_listed
from esignwire.emulator.assuresign.operations import Answer, Manage, Operation
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS"]

_EXCEPTION = "UserException"
_REQUIRED = ("FirstName", "LastName", "Role")


def _authenticate_user(context: Context, request: Element) -> Element:
    """Play AuthenticateUser."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    attributes: dict[str, str | None] = {"Success": "false"}
    content: list[Element] = []
    refusals: list[str] = []
    try:
        context.check_ordered()
        token, user = context.directory.sign_in(
            question.get("UserName", ""), question.get("Password", ""), context.shared.identifiers
        )
    except NotPossible as refusal:
        refusals.append(str(refusal))
        if isinstance(refusal, PasswordExpired):
            attributes["ExpiredPasswordUrl"] = _address(context)
    else:
        attributes = {
            "Success": "true",
            "AuthenticationToken": token,
            "UserName": user.user_name,
            "FirstName": user.first_name or None,
            "LastName": user.last_name or None,
            "UpdateSecurityQuestionUrl": _address(context),
            "ChangePasswordUrl": _address(context),
        }
        accounts = [_account(context, user, account) for account in user.accounts]
        content.append(context.words.element("Accounts", *accounts))
    content.append(context.outcome(_EXCEPTION, refusals))
    return context.response(
        context.words.element("AuthenticateUserResult", *content, attributes=attributes)
    )


def _create(context: Context, question: Element, account: Account) -> Answer:
    user_name = question.get("UserName", "")
    context.directory.check_new_name(user_name)
    for name in _REQUIRED:
        if not not_blank(question.get(name)):
            raise NotPossible(f"There must be a {name}.")
    role = question.get("Role", "")
    check_listed(account.roles, role, "role")
    password = _new_password(context, question, "AutoGeneratePassword")
    if password is None:
        raise NotPossible("There must be a Password or AutoGeneratePassword.")
    context.directory.add_user(
        User(
            user_name=user_name,
            password=password,
            first_name=question.get("FirstName", ""),
            last_name=question.get("LastName", ""),
            role=role,
            accounts=[account],
            tags=_tags(context, question),
            must_change_password=boolean(question.get("RequirePasswordChange")),
            is_inactive=boolean(question.get("Inactive")),
        )
    )
    return Answer()


def _get(context: Context, question: Element, account: Account) -> Answer:
    user = context.directory.user_of(account, question.get("UserName", ""))
    return Answer(_tag_list(context, user), _attributes(user))


def _update(context: Context, question: Element, account: Account) -> Answer:
    user = context.directory.user_of(account, question.get("UserName", ""))
    new_name = question.get("NewUserName")
    if new_name is not None:
        context.directory.check_new_name(new_name, but=user)
    for name in _REQUIRED:
        if name in question.attrib and not not_blank(question.get(name)):
            raise NotPossible(f"There must be a {name}.")
    role = question.get("Role", user.role)
    if role != user.role:
        check_listed(account.roles, role, "role")
    # From here on nothing is refused.
    password = _new_password(context, question, "AutoGenerateNewPassword")
    if password is not None:
        user.password, user.takes_any_password = password, False
    if new_name is not None:
        context.directory.rename(user, new_name)
    user.role = role
    user.first_name = question.get("FirstName", user.first_name)
    user.last_name = question.get("LastName", user.last_name)
    if context.words.child(question, "Tags") is not None:
        user.tags = _tags(context, question)
    user.must_change_password = _flag(
        context, question, "RequirePasswordChange", user.must_change_password
    )
    user.is_inactive = _flag(context, question, "Inactive", user.is_inactive)
    user.is_locked = _flag(context, question, "Locked", user.is_locked)
    return Answer()


def _delete(context: Context, question: Element, account: Account) -> Answer:
    user = context.directory.user_of(account, question.get("UserName", ""))
    context.directory.delete(user, account)
    return Answer()


def _list(context: Context, question: Element, account: Account) -> Answer:  # noqa: ARG001  # as the others
    users = [
        context.words.element("User", *_tag_list(context, user), attributes=_attributes(user))
        for user in context.directory.users_of(account)
    ]
    return Answer([context.words.element("Users", *users)])


def _new_password(context: Context, question: Element, is_generated: str) -> str | None:
    if boolean(context.words.text(question, is_generated)):
        return context.shared.identifiers.token()
    return question.get("Password") or None


def _flag(context: Context, question: Element, name: str, present: bool) -> bool:
    # An element that is nil holds no text.
    text = context.words.text(question, name)
    return boolean(text) if text else present


def _tags(context: Context, question: Element) -> tuple[tuple[str | None, str | None], ...]:
    return tuple(
        (tag.get("Name"), tag.get("Value"))
        for tag in context.words.children(question, "Tags/UserTag")
    )


def _tag_list(context: Context, user: User) -> list[Element]:
    tags = [
        context.words.element("UserTag", attributes={"Name": name, "Value": value})
        for name, value in user.tags
    ]
    return [context.words.element("Tags", *tags)] if tags else []


def _attributes(user: User) -> dict[str, str | None]:
    return {
        "RequirePasswordChange": truth(user.must_change_password),
        "Inactive": truth(user.is_inactive),
        "Locked": truth(user.is_locked),
        "UserName": user.user_name,
        "FirstName": user.first_name or None,
        "LastName": user.last_name or None,
        "Role": user.role,
    }


def _account(context: Context, user: User, account: Account) -> Element:
    return context.words.element(
        "UserAccount",
        attributes={
            "ContextIdentifier": str(account.context_identifier),
            "IsPrimary": truth(account is user.accounts[0]),
            "Name": account.name,
        },
    )


def _address(context: Context) -> str:
    return f"{context.base_url}/assuresign/link/{context.shared.identifiers.token()}"


OPERATIONS: dict[str, Operation] = {
    "AuthenticateUser": _authenticate_user,
    "CreateUser": Manage(_EXCEPTION, _create),
    # A user of several accounts stays in the others.
    "DeleteUser": Manage(_EXCEPTION, _delete),
    "GetUser": Manage(
        _EXCEPTION, _get, dict.fromkeys(("RequirePasswordChange", "Inactive", "Locked"), "false")
    ),
    "ListUsers": Manage(_EXCEPTION, _list),
    # UpdateUser changes all that it is asked to, or nothing.
    "UpdateUser": Manage(_EXCEPTION, _update),
}
