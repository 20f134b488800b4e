"""Operations of AssureSign that manage accounts.

Documented: what each operation asks for and answers; that CreateAccount needs an AccountGroup, of
those that the account above has, and may name one of its account templates; that ListAccounts
lists the accounts below; that an account cannot be put below another one, though UpdateAccount has
a place for it.

Chosen here: an account without a Name is called by its number, and one without a DisplayName by its
Name. It has the roles, account templates and account groups of the account above; what else an
account template gives to it is not documented. ListAccounts lists the accounts right below.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from esignwire.emulator._wire import Element, boolean, not_blank, truth
from esignwire.emulator.accounts import ADMINISTRATOR
from esignwire.emulator.assuresign.context import NO_GUID, Context
from esignwire.emulator.assuresign.directory import Account, check_listed
from esignwire.emulator.assuresign.operations import Answer, Manage, Operation
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS"]

_EXCEPTION = "AccountException"


def _create(context: Context, question: Element, above: Account) -> Answer:
    group, template = (
        not_blank(question.get("AccountGroup")),
        not_blank(question.get("AccountTemplate")),
    )
    if group is None:
        raise NotPossible("There must be an AccountGroup.")
    check_listed(above.groups, group, "account group")
    if template is not None:
        check_listed(above.templates, template, "account template")
    account = context.directory.add_account(
        context.shared.identifiers.guid(), not_blank(question.get("Name"))
    )
    account.display_name = not_blank(question.get("DisplayName")) or account.name
    account.group, account.parent = group, above
    account.is_inactive = boolean(question.get("Inactive"))
    account.roles, account.groups, account.templates = above.roles, above.groups, above.templates
    return Answer(attributes={"ContextIdentifier": str(account.context_identifier)})


def _get(context: Context, question: Element, account: Account) -> Answer:  # noqa: ARG001  # as the others
    roles = account.roles or {user.role for user in context.directory.users_of(account)}
    below = context.directory.accounts_below(account)
    groups = account.groups or {one.group for one in below if one.group}
    content = [
        _names(context, "Role", [ADMINISTRATOR, *sorted(roles - {ADMINISTRATOR})]),
        _names(context, "AccountTemplate", sorted(account.templates or ())),
        _names(context, "AccountGroup", sorted(groups)),
    ]
    return Answer(content, _attributes(account))


def _update(context: Context, question: Element, account: Account) -> Answer:
    above = context.words.text(question, "ParentAccountContextIdentifier")
    if above and UUID(above.strip()) != NO_GUID:
        raise NotPossible("An account cannot be put below another one.")
    group = question.get("AccountGroup", account.group)
    if group != account.group:
        if not_blank(group) is None:
            raise NotPossible("There must be an AccountGroup.")
        # The groups that an account is one of are those of the account above.
        offering = account.parent or account
        check_listed(offering.groups, group or "", "account group")
    account.group = group
    account.name = not_blank(question.get("Name")) or account.name
    display_name = question.get("DisplayName")
    if display_name is not None:
        account.display_name = not_blank(display_name) or account.name
    inactive = context.words.text(question, "Inactive")
    if inactive:
        account.is_inactive = boolean(inactive)
    return Answer()


def _list(context: Context, question: Element, account: Account) -> Answer:  # noqa: ARG001  # as the others
    accounts = [
        context.words.element("Account", attributes=_attributes(one))
        for one in context.directory.accounts_below(account)
    ]
    return Answer([context.words.element("Accounts", *accounts)])


def _names(context: Context, item: str, names: Iterable[str]) -> Element:
    return context.words.element(
        f"{item}s", *(context.words.element(item, text=name) for name in names)
    )


def _attributes(account: Account) -> dict[str, str | None]:
    return {
        "ContextIdentifier": str(account.context_identifier),
        "Inactive": truth(account.is_inactive),
        "Name": account.name,
        "DisplayName": account.display_name,
        "AccountGroup": account.group,
    }


OPERATIONS: dict[str, Operation] = {
    "CreateAccount": Manage(_EXCEPTION, _create, {"ContextIdentifier": str(NO_GUID)}),
    "GetAccount": Manage(
        _EXCEPTION, _get, {"ContextIdentifier": str(NO_GUID), "Inactive": "false"}
    ),
    "ListAccounts": Manage(_EXCEPTION, _list),
    # It changes all that it is asked to, or nothing.
    "UpdateAccount": Manage(_EXCEPTION, _update),
}
