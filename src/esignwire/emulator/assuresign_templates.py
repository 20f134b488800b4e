"""AssureSign: templates, as far as an emulator can know them.

An account file may list the templates of an account; otherwise an account has any template. What a
template holds is learnt from the submissions that used it: their parameters are its parameters,
after those of one signer, which every template here has.
"""

from __future__ import annotations

import re
from uuid import UUID

from esignwire.emulator.assuresign_desk import Desk
from esignwire.emulator.assuresign_state import Template
from esignwire.emulator.markup import Element, timestamp
from esignwire.emulator.refusal import NotPossible
from esignwire.emulator.stand_in import template_file

__all__ = ["download_template", "list_parameters", "list_templates", "retrieve_template_info"]

_ALWAYS = ("Signatory 1 Full Name", "Signatory 1 Email Address")
_SIGNATORY = re.compile(r"signatory ([1-9][0-9]?) (.+)", re.IGNORECASE | re.ASCII)
_SIGNATORY_MEMBERS = {
    "first name": "FirstNameParameterName",
    "last name": "LastNameParameterName",
    "full name": "FullNameParameterName",
    "email address": "EmailAddressParameterName",
    "mobile phone": "MobilePhoneParameterName",
}


def list_templates(desk: Desk, request: Element) -> Element:
    """Play ListTemplates: those that the account file lists and those that were used."""
    query = desk.words.child(request, "TemplateListQuery")
    if query is None:
        return desk.response()
    try:
        account = desk.owner(query, query.get("UserName"))
    except NotPossible as refusal:
        content = desk.exceptions("TemplateListException", [str(refusal)])
    else:
        listed = sorted(account.templates or ())
        used = [
            template.id
            for template in desk.records.templates
            if template.context_identifier == account.context_identifier
        ]
        items = [
            desk.words.element(
                "TemplateItem",
                attributes=_metadata(_known(desk, account.context_identifier, template_id)),
            )
            for template_id in dict.fromkeys([*listed, *used])
        ]
        content = [desk.words.element("Templates", *items)]
    return desk.response(desk.words.element("TemplateListQueryResult", *content))


def list_parameters(desk: Desk, request: Element) -> Element:
    """Play ListParameters."""
    query = desk.words.child(request, "ParameterListQuery")
    if query is None:
        return desk.response()
    try:
        parameters = _parameters(desk, _asked(desk, query), "TypedParameterItem")
        content = [desk.words.element("Parameters", *parameters)]
    except NotPossible as refusal:
        content = desk.exceptions("ParameterListException", [str(refusal)])
    return _about(desk, "ParameterListQueryResult", query, content)


def retrieve_template_info(desk: Desk, request: Element) -> Element:
    """Play RetrieveTemplateInfo. Where the fields of a template stand is not known, so none are."""
    query = desk.words.child(request, "TemplateInfoQuery")
    if query is None:
        return desk.response()
    try:
        template = _asked(desk, query)
        content = [
            desk.words.element(
                "TemplateInfo",
                desk.words.element("Metadata", attributes=_metadata(template)),
                desk.words.element("JotBlocks"),
                desk.words.element(
                    "Parameters", *_parameters(desk, template, "TypedParameterInfo")
                ),
                desk.words.element("Signatories", *_signatories(desk, template)),
            )
        ]
    except NotPossible as refusal:
        content = desk.exceptions("TemplateInfoException", [str(refusal)])
    return _about(desk, "RetrieveTemplateInfoResult", query, content)


def download_template(desk: Desk, request: Element) -> Element:
    """Play DownloadTemplate: a page that names the template, the same each time."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        content = [desk.file("FileData", template_file(_asked(desk, question).id))]
    except NotPossible as refusal:
        content = desk.exceptions("DownloadTemplateException", [str(refusal)])
    return _about(desk, "DownloadTemplateResult", question, content)


def _asked(desk: Desk, question: Element) -> Template:
    account = desk.owner(question, question.get("UserName"))
    template_id = desk.guid(question, "TemplateId")
    if not account.knows_template(template_id):
        raise NotPossible("The account has no template with this TemplateId.")
    return _known(desk, account.context_identifier, template_id)


def _known(desk: Desk, context_identifier: UUID, template_id: UUID) -> Template:
    return desk.records.template(context_identifier, template_id) or Template(
        id=template_id, context_identifier=context_identifier, creation_date=desk.now
    )


def _names(template: Template) -> list[str]:
    return list(dict.fromkeys([*_ALWAYS, *template.parameters]))


def _parameters(desk: Desk, template: Template, item: str) -> list[Element]:
    return [
        desk.words.element(
            item, attributes={"Required": "true" if name in _ALWAYS else "false", "Name": name}
        )
        for name in _names(template)
    ]


def _signatories(desk: Desk, template: Template) -> list[Element]:
    found: dict[int, dict[str, str | None]] = {}
    for name in _names(template):
        match = _SIGNATORY.fullmatch(name)
        if match is not None:
            number = int(match[1])
            values = found.setdefault(number, {"Signatory": f"Signatory {number}"})
            member = _SIGNATORY_MEMBERS.get(match[2].lower())
            if member is not None:
                values[member] = name
    return [desk.words.element("SignatoryInfo", attributes=found[n]) for n in sorted(found)]


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


def _about(desk: Desk, name: str, question: Element, content: list[Element]) -> Element:
    template_id = str(desk.guid(question, "TemplateId"))
    return desk.response(desk.words.element(name, *content, attributes={"TemplateId": template_id}))
