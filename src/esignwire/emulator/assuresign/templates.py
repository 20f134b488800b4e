"""Operations of AssureSign on templates, as far as an emulator can know them.

An account file may list the templates of an account; otherwise an account has any template. What a
template holds is learnt from the submissions that used it: their parameters are its parameters,
after those of one signer, which every template here has.
"""

from __future__ import annotations

import re
from uuid import UUID

from esignwire.emulator._wire import Blob, Element, one_page_pdf, timestamp, truth
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, One, Operation
from esignwire.emulator.assuresign.state import Template
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS", "template_file"]

_ALWAYS = ("Signatory 1 Full Name", "Signatory 1 Email Address")
_SIGNATORY = re.compile(r"signatory ([1-9][0-9]?) (.+)", re.IGNORECASE | re.ASCII)
_SIGNATORY_MEMBERS = {
    "first name": "FirstNameParameterName",
    "last name": "LastNameParameterName",
    "full name": "FullNameParameterName",
    "email address": "EmailAddressParameterName",
    "mobile phone": "MobilePhoneParameterName",
}


def _listed(context: Context, question: Element) -> Answer:
    account = context.owner(question, question.get("UserName"))
    used = [
        template.id
        for template in context.records.templates.values()
        if template.context_identifier == account.context_identifier
    ]
    items = [
        context.words.element(
            "TemplateItem",
            attributes=_metadata(_known(context, account.context_identifier, template_id)),
        )
        for template_id in dict.fromkeys([*sorted(account.templates or ()), *used])
    ]
    return Answer([context.words.element("Templates", *items)])


def _listed_parameters(context: Context, question: Element) -> Answer:
    parameters = _parameters(context, _asked(context, question), "TypedParameterItem")
    return Answer([context.words.element("Parameters", *parameters)])


def _info(context: Context, question: Element) -> Answer:
    template = _asked(context, question)
    parameters = _parameters(context, template, "TypedParameterInfo")
    info = context.words.element(
        "TemplateInfo",
        context.words.element("Metadata", attributes=_metadata(template)),
        context.words.element("JotBlocks"),
        context.words.element("Parameters", *parameters),
        context.words.element("Signatories", *_signatories(context, template)),
    )
    return Answer([info])


def _downloaded(context: Context, question: Element) -> Answer:
    return Answer([context.file("FileData", template_file(_asked(context, question).id))])


def _id(context: Context, question: Element) -> Attributes:
    return {"TemplateId": str(context.guid(question, "TemplateId"))}


def template_file(template_id: UUID) -> Blob:
    """Write the file of a template: a page that names it, the same for the same template."""
    return one_page_pdf(f"Template {template_id}")


def _asked(context: Context, question: Element) -> Template:
    account = context.owner(question, question.get("UserName"))
    template_id = context.guid(question, "TemplateId")
    if not account.knows_template(template_id):
        raise NotPossible("The account has no template with this TemplateId.")
    return _known(context, account.context_identifier, template_id)


def _known(context: Context, context_identifier: UUID, template_id: UUID) -> Template:
    return context.records.template(context_identifier, template_id) or Template(
        id=template_id, context_identifier=context_identifier, creation_date=context.now
    )


def _names(template: Template) -> list[str]:
    return list(dict.fromkeys([*_ALWAYS, *template.parameters]))


def _parameters(context: Context, template: Template, item: str) -> list[Element]:
    return [
        context.words.element(item, attributes={"Required": truth(name in _ALWAYS), "Name": name})
        for name in _names(template)
    ]


def _signatories(context: Context, template: Template) -> list[Element]:
    found: dict[int, dict[str, str | None]] = {}
    for name in _names(template):
        match = _SIGNATORY.fullmatch(name)
        if match is not None:
            number = int(match[1])
            values = found.setdefault(number, {"Signatory": f"Signatory {number}"})
            member = _SIGNATORY_MEMBERS.get(match[2].lower())
            if member is not None:
                values[member] = name
    return [context.words.element("SignatoryInfo", attributes=found[n]) for n in sorted(found)]


def _metadata(template: Template) -> dict[str, str | None]:
    return {
        "Id": str(template.id),
        "CreationDate": timestamp(template.creation_date),
        "ModifiedDate": timestamp(template.creation_date),
        "ImmediatePresentment": "false",
        "PasswordRequired": "false",
        "DocumentTemplateType": "Standard",
        "SignatureDeviceSupportEnabled": "false",
        "PageCount": "1",
        "Name": f"Template {template.id}",
    }


OPERATIONS: dict[str, Operation] = {
    # A page that names the template, the same each time.
    "DownloadTemplate": One(
        "Request", "DownloadTemplateResult", "DownloadTemplateException", _downloaded, echo=_id
    ),
    "ListParameters": One(
        "ParameterListQuery",
        "ParameterListQueryResult",
        "ParameterListException",
        _listed_parameters,
        echo=_id,
    ),
    # Those that the account file lists and those that were used.
    "ListTemplates": One(
        "TemplateListQuery", "TemplateListQueryResult", "TemplateListException", _listed
    ),
    # Where the fields of a template stand is not known, so none are.
    "RetrieveTemplateInfo": One(
        "TemplateInfoQuery",
        "RetrieveTemplateInfoResult",
        "TemplateInfoException",
        _info,
        echo=_id,
        is_exception_first=True,
    ),
}
