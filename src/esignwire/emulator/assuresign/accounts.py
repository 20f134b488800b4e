"""AssureSign: managing accounts.

Documented: what each operation asks for and answers; that CreateAccount needs an AccountGroup, of
those that the account above has, and may name one of its account templates; that ListAccounts
lists the accounts below; that an account cannot be put below another one, though UpdateAccount has
a place for it.

Chosen here: an account needs a Name, and its DisplayName is the Name where there is none. It takes
the roles, account templates and account groups of the account above with it; nobody knows what else
an account template would give it. ListAccounts lists those right below, not those below them. Who
creates an account does not become its user, but may manage it as everything below his own account.
"""

from __future__ import annotations

from uuid import UUID

from esignwire.emulator._wire import Element, boolean, said
from esignwire.emulator.assuresign.context import NO_GUID, Context
from esignwire.emulator.assuresign.directory import Account, Names
from esignwire.emulator.shared import NotPossible

__all__ = ["create_account", "get_account", "list_accounts", "update_account"]

_EXCEPTION = "AccountException"


def create_account(context: Context, request: Element) -> Element:
    """Play CreateAccount."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    identifier = NO_GUID
    refusals: list[str] = []
    try:
        account = _created(context, question)
    except NotPossible as refusal:
        refusals.append(str(refusal))
    else:
        context.directory.add_account(account)
        identifier = account.context_identifier
    return _answer(context, "CreateAccountResult", refusals, ContextIdentifier=str(identifier))


def get_account(context: Context, request: Element) -> Element:
    """Play GetAccount."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    try:
        account, _ = context.managed(question)
    except NotPossible as refusal:
        return _answer(
            context,
            "GetAccountResult",
            [str(refusal)],
            ContextIdentifier=str(NO_GUID),
            Inactive="false",
        )
    return _answer(
        context,
        "GetAccountResult",
        [],
        _names(context, "Role", account.roles),
        _names(context, "AccountTemplate", account.templates),
        _names(context, "AccountGroup", account.groups),
        **_attributes(account),
    )


def update_account(context: Context, request: Element) -> Element:
    """Play UpdateAccount. It changes all that it is asked to, or nothing."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    refusals: list[str] = []
    try:
        _update(context, question)
    except NotPossible as refusal:
        refusals.append(str(refusal))
    return _answer(context, "UpdateAccountResult", refusals)


def list_accounts(context: Context, request: Element) -> Element:
    """Play ListAccounts."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    try:
        account, _ = context.managed(question)
    except NotPossible as refusal:
        return _answer(context, "ListAccountsResult", [str(refusal)])
    accounts = [
        context.words.element("Account", attributes=_attributes(one))
        for one in context.directory.accounts_below(account)
    ]
    return _answer(context, "ListAccountsResult", [], context.words.element("Accounts", *accounts))


def _created(context: Context, question: Element) -> Account:
    above, _ = context.managed(question)
    name, group = said(question.get("Name")), said(question.get("AccountGroup"))
    template = said(question.get("AccountTemplate"))
    if not name:
        raise NotPossible("There must be a Name.")
    if not group:
        raise NotPossible("There must be an AccountGroup.")
    above.groups.check(group, "account group")
    if template:
        above.templates.check(template, "account template")
        above.templates = above.templates.with_name(template)
    above.groups = above.groups.with_name(group)
    return Account(
        context_identifier=context.shared.identifiers.guid(),
        name=name,
        display_name=said(question.get("DisplayName")) or name,
        group=group,
        parent=above,
        is_inactive=boolean(question.get("Inactive")),
        roles=above.roles,
        groups=above.groups,
        templates=above.templates,
    )


def _update(context: Context, question: Element) -> None:
    account, _ = context.managed(question)
    above = context.words.text(question, "ParentAccountContextIdentifier")
    if above and UUID(above.strip()) != NO_GUID:
        raise NotPossible("An account cannot be put below another one.")
    name = said(question.get("Name", account.name))
    group = question.get("AccountGroup", account.group)
    if not name:
        raise NotPossible("There must be a Name.")
    # The groups that an account is one of are those of the account above.
    offering = account.parent or account
    if group != account.group:
        if group is None or not said(group):
            raise NotPossible("There must be an AccountGroup.")
        offering.groups.check(group, "account group")
        offering.groups = offering.groups.with_name(group)
    account.name, account.group = name, group
    account.display_name = said(question.get("DisplayName", account.display_name)) or name
    inactive = context.words.text(question, "Inactive")
    if inactive:
        account.is_inactive = boolean(inactive)


def _names(context: Context, item: str, names: Names) -> Element:
    return context.words.element(
        f"{item}s", *(context.words.element(item, text=name) for name in names.known)
    )


def _attributes(account: Account) -> dict[str, str | None]:
    return {
        "ContextIdentifier": str(account.context_identifier),
        "Inactive": "true" if account.is_inactive else "false",
        "Name": account.name,
        "DisplayName": account.display_name,
        "AccountGroup": account.group,
    }


def _answer(
    context: Context, name: str, refusals: list[str], *content: Element, **attributes: str | None
) -> Element:
    success = "false" if refusals else "true"
    return context.response(
        context.words.element(
            name,
            *content,
            context.outcome(_EXCEPTION, refusals),
            attributes={**attributes, "Success": success},
        )
    )
