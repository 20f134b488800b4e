"""What ``submit`` writes, and what it refuses before anything is sent."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import io
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from esignwire._xml import schema
from esignwire.errors import (
    ConfigurationError,
    ConnectionLost,
    InvalidRequest,
    OutcomeUnknown,
    SignixError,
    UnexpectedResponse,
)
from esignwire.signix import (
    PRODUCTION_URL,
    ClientPreference,
    Field,
    Form,
    Party,
    PdfField,
    Service,
    Signix,
    TextTag,
)
from esignwire.signix.types import PostSignatureImageLinkType
from tests.support.hostile import answer, close_at_once, hostile, raw
from tests.support.signix import (
    DOCUMENT_SET_ID,
    KINDS,
    NAMESPACE,
    PASSWORD,
    PDF,
    SCHEMA,
    TRANSACTION_ID,
    Kind,
    drive,
    message,
    sent,
)

BUYER = Party("buyer", "Pat", "Example", "pat@example.com")
SELLER = Party("seller", "Sam", "Example", "sam@example.com", mobile_number="5555550100")
SIGNED = Form(PDF, fields=[Field.signature("buyer", at="Sign:")])
ANSWER = message("SubmitDocument", f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>")


def submit(client: Any, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "description": "Agreement",
        "parties": [BUYER, SELLER],
        "forms": [SIGNED],
        "submitter_email": "owner@example.com",
        **changes,
    }
    return client.submit(arguments.pop("description"), **arguments)


def written(kind: Kind = "sync", **changes: Any) -> etree._Element:
    """The message that goes out; it satisfies its schema."""
    with hostile(answer(ANSWER)) as server:
        drive(kind, server.url, lambda client: submit(client, **changes))
        (received,) = server.received
    root = sent(received)
    assert not schema(f"signix/{SCHEMA}").violations(root)
    return root


def plain(node: etree._Element) -> Any:
    """An element as names and texts."""
    name = etree.QName(node).localname
    shown = f"{name} {dict(node.attrib)}" if node.attrib else name
    return (shown, [plain(child) for child in node]) if len(node) else (shown, node.text or "")


def parts(root: etree._Element, name: str) -> list[Any]:
    return [plain(node)[1] for node in root.iter(f"{{{NAMESPACE}}}{name}")]


def texts(root: etree._Element, path: str) -> list[str]:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [node.text or "" for node in root.findall(steps)]


def refused(**changes: Any) -> InvalidRequest:
    with hostile(close_at_once) as server:
        with pytest.raises(InvalidRequest, match="nothing was sent") as caught:
            drive("sync", server.url, lambda client: submit(client, **changes))
        assert server.connections == 0
    assert (caught.value.vendor, PASSWORD in str(caught.value)) == ("SIGNiX", False)
    return caught.value


# What is written


@pytest.mark.parametrize("kind", KINDS)
def test_a_submission_fills_in_what_never_varies(kind: Kind) -> None:
    root = written(kind, transaction_id=TRANSACTION_ID)
    info, data = plain(root)[1]
    assert info[1] == [
        ("Sponsor", "acme"),
        ("Client", "acmeclient"),
        ("UserId", "acmeuser"),
        ("Pswd", PASSWORD),
        ("Workgroup", "SDD"),
        ("Demo", "no"),
    ]
    assert [one for one in data[1] if one[0] not in {"MemberInfo", "Form"}] == [
        ("TransactionID", TRANSACTION_ID),
        ("DocSetDescription", "Agreement"),
        ("SubmitterEmail", "owner@example.com"),
        ("ContactInfo", ""),
        ("DeliveryType", "SDDDC"),
        ("SuspendOnStart", "no"),
    ]
    assert parts(root, "MemberInfo") == [
        [
            ("RefID", "buyer"),
            ("SSN", "910000000"),
            ("DOB", "00/00/0000"),
            ("FirstName", "Pat"),
            ("LastName", "Example"),
            ("Email", "pat@example.com"),
            ("Service", "SelectOneClick"),
            ("SMSCount", "0"),
        ],
        [
            ("RefID", "seller"),
            ("SSN", "910000000"),
            ("DOB", "00/00/0000"),
            ("FirstName", "Sam"),
            ("LastName", "Example"),
            ("Email", "sam@example.com"),
            ("Service", "SelectOneClick"),
            ("MobileNumber", "5555550100"),
            ("SMSCount", "0"),
        ],
    ]


def test_the_identifier_is_a_new_uuid_each_time() -> None:
    first, second = (texts(written(), "Data/TransactionID")[0] for _ in range(2))
    assert str(uuid.UUID(first)) == first != second


def test_everything_that_a_submission_may_say() -> None:
    root = written(
        submitter_name="Olga Owner",
        contact_info="ask us",
        suspend_on_start=True,
        workgroup="OTHER",
        demo=True,
        del_docs_after=60,
        expire_after=20,
        email_content="please",
        billing_ref="B1",
        push_url="https://example.com/push?a=1&b=2",
        preferences={
            ClientPreference.NOTIFICATION_SCHEDULE: "{5, 10}days",
            ClientPreference.AUTO_OPEN_FIRST_DOCUMENT: True,
            "SomethingNew": False,
        },
        use_my_do_x="latest",
        distribute_to_submitter=True,
        distribution_emails=["a@example.com", "b@example.com"],
        distribution_email_content="here they are",
        forms=[Form(PDF)],
    )
    info, data = plain(root)[1]
    assert info[1][4:] == [
        ("BillingRef", "B1"),
        ("Workgroup", "OTHER"),
        ("Demo", "yes"),
        ("DelDocsAfter", "60"),
        ("ExpireAfter", "20"),
        ("EmailContent", "please"),
    ]
    assert [one for one in data[1] if one[0] not in {"MemberInfo", "Form"}][3:] == [
        ("SubmitterName", "Olga Owner"),
        ("ContactInfo", "ask us"),
        ("DeliveryType", "SDDDC"),
        ("SuspendOnStart", "yes"),
        ("UseMyDoX", "latest"),
        ("DistributionEmailContent", "here they are"),
        ("DistributeToSubmitter", "yes"),
        ("DistributionEmailList", "a@example.com;b@example.com"),
        ("ClientPreference {'name': 'NotificationSchedule'}", "{5, 10}days"),
        ("ClientPreference {'name': 'AutoOpenFirstDocument'}", "yes"),
        ("ClientPreference {'name': 'SomethingNew'}", "no"),
        ("ClientPreference {'name': 'UseClientNotifyVersion2'}", "yes"),
        (
            "ClientPreference {'name': 'TransactionClientNotifyURL'}",
            "https://example.com/push?a=1&b=2",
        ),
    ]


def test_everything_that_a_party_may_say() -> None:
    picture = PostSignatureImageLinkType(
        image_url="https://x.example/a?b=1&c=2",
        target_url="t",
        image_alt_text="a",
        image_hover_url="h",
        is_image_location_above_text=True,
        image_height=1,
        image_width=2,
    )
    party = Party(
        "buyer",
        "Pat",
        "Example",
        "pat@example.com",
        middle_name="M",
        service=Service.SMS_ONE_CLICK,
        mobile_number="1112223333",
        ssn="123456789",
        dob=dt.date(970, 2, 3),
        workflow_order=2,
        questions=[("Pet?", "Rex"), ("Town?", "Ely")],
        image=picture,
    )
    assert "123456789" not in repr(party)
    assert "Rex" not in repr(party)
    (member,) = parts(written(parties=[party]), "MemberInfo")
    assert [one for one in member if one[0] != "PostSignatureImageLink"] == [
        ("RefID", "buyer"),
        ("WorkflowOrder", "2"),
        ("SSN", "123456789"),
        ("DOB", "02/03/0970"),
        ("FirstName", "Pat"),
        ("MiddleName", "M"),
        ("LastName", "Example"),
        ("Email", "pat@example.com"),
        ("Service", "SMSOneClick"),
        ("MobileNumber", "1112223333"),
        ("SMSCount", "1"),
        ("Q1", "Pet?"),
        ("A1", "Rex"),
        ("Q2", "Town?"),
        ("A2", "Ely"),
    ]
    assert len([one for one in member if one[0] == "PostSignatureImageLink"]) == 1
    one = dataclasses.replace(party, questions=[("Pet?", "Rex")], service="Newest", image=None)
    (member,) = parts(written(parties=[one]), "MemberInfo")
    assert member[-2:] == [("Q1", "Pet?"), ("A1", "Rex")]
    one = dataclasses.replace(one, service="Newest", sms_count=3, dob="01/02/1990")
    (member,) = parts(written(parties=[one]), "MemberInfo")
    assert ("SMSCount", "3") in member
    assert ("DOB", "01/02/1990") in member


def test_dates_come_before_the_signatures_that_name_them() -> None:
    form = Form(
        PDF,
        fields=[
            Field.signature("seller", at=TextTag("S:", 1, -2, 3, 4), date_at="SD:"),
            Field.text(at="Name:", name="DateSigned1"),
            Field.text(at=TextTag("Town:", width=7), is_required=False, kind="CheckBox"),
            Field.signature(
                "buyer", at="B:", date_at=TextTag("BD:", 9), date_format="yyyy", is_required=False
            ),
        ],
    )
    (items,) = parts(written(forms=[form]), "Form")

    def tag(*values: Any) -> list[Any]:
        names = ("AnchorText", "AnchorXOffset", "AnchorYOffset", "Width", "Height", "IsRequired")
        return list(zip(names, values, strict=True))

    assert items[4:-2] == [
        (
            "TextTagField",
            [
                ("Type", "DateSigned"),
                *tag("SD:", "0", "20", "90", "20", "yes"),
                ("TagName", "DateSigned2"),
            ],
        ),
        (
            "TextTagField",
            [
                ("Type", "TextField"),
                *tag("Name:", "0", "20", "120", "20", "yes"),
                ("TagName", "DateSigned1"),
            ],
        ),
        (
            "TextTagField",
            [
                ("Type", "CheckBox"),
                *tag("Town:", "0", "20", "7", "20", "no"),
                ("TagName", "Field1"),
            ],
        ),
        (
            "TextTagField",
            [
                ("Type", "DateSigned"),
                *tag("BD:", "9", "20", "90", "20", "yes"),
                ("TagName", "DateSigned3"),
            ],
        ),
        (
            "TextTagSignature",
            [
                ("MemberInfoNumber", "2"),
                *tag("S:", "1", "-2", "3", "4", "yes"),
                ("DateSignedTagName", "DateSigned2"),
                ("DateSignedFormat", "MM/dd/yy"),
            ],
        ),
        (
            "TextTagSignature",
            [
                ("MemberInfoNumber", "1"),
                *tag("B:", "0", "20", "180", "30", "no"),
                ("DateSignedTagName", "DateSigned3"),
                ("DateSignedFormat", "yyyy"),
            ],
        ),
    ]


def test_names_of_dates_are_new_in_the_whole_message() -> None:
    forms = [
        Form(PDF, fields=[Field.signature("buyer", at="B:", date_at="D:")]),
        Form(PDF, fields=[Field.signature("buyer", at="B:", date_at="D:"), Field.text(at="T:")]),
        Form(PDF, fields=[Field.text(at="T:", name="DateSigned1")]),
    ]
    root = written(forms=forms)
    named = texts(root, "Data/Form/TextTagField/TagName")
    assert named == ["DateSigned2", "DateSigned3", "Field1", "DateSigned1"]
    dates = texts(root, "Data/Form/TextTagSignature/DateSignedTagName")
    assert dates == ["DateSigned2", "DateSigned3"]


def test_signatures_in_fields_of_the_pdf() -> None:
    form = Form(
        PDF,
        fields=[
            Field.signature("seller", at=PdfField("Sig2")),
            Field.signature(
                "buyer", at=PdfField("Sig1"), date_at=PdfField("Date1"), time_zone="US/Eastern"
            ),
        ],
    )
    assert parts(written(forms=[form]), "SignatureLine") == [
        [("MemberInfoNumber", "2"), ("SignField", "Sig2")],
        [
            ("MemberInfoNumber", "1"),
            ("SignField", "Sig1"),
            ("DateSignedField", "Date1"),
            ("DateSignedFormat", "MM/dd/yy"),
            ("DateSignedTimeZone", "US/Eastern"),
        ],
    ]


def test_forms_from_bytes_paths_and_open_files(tmp_path: Path) -> None:
    path = tmp_path / "lease é.pdf"
    path.write_bytes(PDF * 5000)
    with path.open("rb") as file, io.BytesIO(PDF) as held:
        forms = [
            SIGNED,
            Form(path, description="The lease"),
            Form(file, ref_id="again"),
            Form(held, file_name="h.pdf", mime_type="application/x", password="p"),
        ]
        root = written("sync", forms=forms)
    assert texts(root, "Data/Form/RefID") == ["form1", "form2", "again", "form4"]
    names = ["form1.pdf", "lease é.pdf", "lease é.pdf", "h.pdf"]
    assert texts(root, "Data/Form/FileName") == names
    assert texts(root, "Data/Form/Desc") == ["form1.pdf", "The lease", "lease é.pdf", "h.pdf"]
    assert texts(root, "Data/Form/MimeType")[2:] == ["application/pdf", "application/x"]
    assert texts(root, "Data/Form/FormPassword") == ["p"]
    contents = [base64.b64decode(one) for one in texts(root, "Data/Form/Data")]
    assert contents == [PDF, PDF * 5000, PDF * 5000, PDF]
    assert texts(root, "Data/Form/Length") == [str(len(one)) for one in contents]


# What comes back


@pytest.mark.parametrize("kind", KINDS)
def test_the_handle_knows_both_identifiers_and_its_parties(kind: Kind) -> None:
    link = "https://webtest.signix.biz/enter.jsp?m=103&amp;i=SECRETLINK"
    content = message(
        "SubmitDocument",
        f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID><PickupLink>{link}</PickupLink>",
    )
    with hostile(answer(content)) as server:
        deal = drive(kind, server.url, lambda c: submit(c, transaction_id=TRANSACTION_ID))
    assert (deal.document_set_id, deal.transaction_id) == (DOCUMENT_SET_ID, TRANSACTION_ID)
    assert deal.pickup_link.endswith("&i=SECRETLINK")
    assert "SECRETLINK" not in repr(deal)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transaction_id", [None, TRANSACTION_ID])
def test_an_unknown_outcome_names_the_transaction(kind: Kind, transaction_id: str | None) -> None:
    with hostile(raw(b"")) as server:
        with pytest.raises(OutcomeUnknown) as unknown:
            drive(kind, server.url, lambda c: submit(c, transaction_id=transaction_id))
        (received,) = server.received
    (expected,) = texts(sent(received), "Data/TransactionID")
    assert unknown.value.reference == expected
    assert transaction_id in {None, expected}
    assert isinstance(unknown.value.__cause__, ConnectionLost)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("identifier", ["<DocumentSetID/>", "<DocumentSetID> </DocumentSetID>"])
def test_an_empty_identifier_is_no_success(kind: Kind, identifier: str) -> None:
    with (
        hostile(answer(message("SubmitDocument", identifier))) as server,
        pytest.raises(UnexpectedResponse, match="look the outcome up") as raised,
    ):
        drive(kind, server.url, lambda c: submit(c, transaction_id=TRANSACTION_ID))
    assert raised.value.path == "SubmitDocumentRs/Data/DocumentSetID"
    assert TRANSACTION_ID in str(raised.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_raised_and_masked(kind: Kind) -> None:
    words = f"{PASSWORD} and 910000000 are wrong"
    with (
        hostile(answer(message("SubmitDocument", None, 101, words))) as server,
        pytest.raises(SignixError) as raised,
    ):
        drive(kind, server.url, submit)
    assert raised.value.vendor_text == "*** and *** are wrong"


# What is refused


def party(**changes: Any) -> list[Party]:
    return [dataclasses.replace(BUYER, **changes), SELLER]


def form(*fields: Any) -> list[Form]:
    return [SIGNED, Form(PDF, fields=list(fields))]


WRONG_PLACE: Any = None
CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"description": None}, "description", "must be a str, and None came"),
    ({"description": ["a"]}, "description", "and an object of type list came"),
    ({"contact_info": None}, "contact_info", "must be a str"),
    ({"submitter_email": "Pat <a@b.c>"}, "submitter_email", "one e-mail address"),
    ({"submitter_email": None}, "submitter_email", "None came"),
    ({"distribution_emails": "a@b.c"}, "distribution_emails", "must be a list of str"),
    ({"distribution_emails": ["a@b.c", "x"]}, "distribution_emails[1]", "'x' came"),
    ({"parties": []}, "parties", "must hold one Party at least"),
    ({"parties": None}, "parties", "must be a list of Party, and None came"),
    ({"parties": BUYER}, "parties", "an object of type Party came"),
    ({"parties": "buyer"}, "parties", "must be a list of Party"),
    ({"parties": [BUYER, "seller"]}, "parties[1]", "must be a Party, and 'seller' came"),
    ({"parties": [BUYER, BUYER]}, "parties[1].ref_id", "must be given once only"),
    ({"parties": party(ref_id=" ")}, "parties[0].ref_id", "must not be blank"),
    ({"parties": party(first_name=None)}, "parties[0].first_name", "must be a str"),
    ({"parties": party(last_name=3)}, "parties[0].last_name", "and 3 came"),
    ({"parties": party(email="a@b@c")}, "parties[0].email", "one e-mail address"),
    ({"parties": party(service="")}, "parties[0].service", "must not be blank"),
    (
        {"parties": party(service=Service.SMS_ONE_CLICK)},
        "parties[0].mobile_number",
        "must be given for SMSOneClick, and None came",
    ),
    (
        {"parties": party(service="SharedSecret")},
        "parties[0].mobile_number",
        "must be given for SharedSecret",
    ),
    ({"parties": party(sms_count=[])}, "parties[0].sms_count", "of type list came"),
    ({"forms": form(Field.text(at="x", name=["y"]))}, "forms[1].fields[0].name", "must be a str"),
    ({"parties": party(sms_count=1)}, "parties[0].sms_count", "must be 0 for SelectOneClick"),
    (
        {"parties": party(service="SMSOneClick", mobile_number="1", sms_count=0)},
        "parties[0].sms_count",
        "must be 1 for SMSOneClick, and 0 came",
    ),
    ({"parties": party(dob=dt.datetime(1990, 1, 2))}, "parties[0].dob", "type datetime came"),
    ({"parties": party(dob=None)}, "parties[0].dob", "None came"),
    ({"parties": party(questions=[("Pet?",)])}, "parties[0].questions", "two pairs"),
    ({"parties": party(questions=[("a", "b")] * 3)}, "parties[0].questions", "two pairs"),
    ({"parties": party(questions=("a", "b"))}, "parties[0].questions[0]", "must be a tuple"),
    ({"forms": []}, "forms", "must hold one Form at least"),
    ({"forms": None}, "forms", "must be a list of Form, and None came"),
    ({"forms": SIGNED}, "forms", "an object of type Form came"),
    ({"forms": [PDF]}, "forms[0]", "must be a Form, and an object of type bytes came"),
    ({"forms": [Form(PDF)]}, "forms", "must hold a Field.signature, unless suspend_on_start"),
    ({"forms": [SIGNED, Form(PDF, ref_id="form1")]}, "forms[1].ref_id", "once only"),
    ({"forms": form("x")}, "forms[1].fields[0]", "must be a Field, and 'x' came"),
    (
        {"forms": form(Field.signature("owner", at="x"))},
        "forms[1].fields[0].ref_id",
        "must be that of a party: 'buyer', 'seller', and 'owner' came",
    ),
    (
        {"forms": form(Field.signature("buyer", at=WRONG_PLACE))},
        "forms[1].fields[0].at",
        "must be words of the document, a TextTag or a PdfField, and None came",
    ),
    ({"forms": form(Field.signature("buyer", at=" "))}, "forms[1].fields[0].at", "blank"),
    (
        {"forms": form(Field.signature("buyer", at="x", date_at=PdfField("D")))},
        "forms[1].fields[0].date_at",
        "must be a TextTag like at",
    ),
    (
        {"forms": form(Field.signature("buyer", at=PdfField("x"), date_at="D"))},
        "forms[1].fields[0].date_at",
        "must be a PdfField like at",
    ),
    (
        {"forms": form(Field.signature("buyer", at="x", date_format="yy"))},
        "forms[1].fields[0].date_at",
        "must be given with date_format",
    ),
    (
        {"forms": form(Field.signature("buyer", at="x", date_at="y", time_zone="US/Eastern"))},
        "forms[1].fields[0].time_zone",
        "must be None but with a PdfField",
    ),
    (
        {"forms": form(Field.signature("buyer", at=PdfField("x"), is_required=False))},
        "forms[1].fields[0].is_required",
        "must be True with a PdfField",
    ),
    (
        {"forms": form(Field(at=PdfField("x")))},
        "forms[1].fields[0].at",
        "must be words of the document",
    ),
    (
        {"forms": form(Field.text(at="x", name="N"), Field.text(at="y", name="N"))},
        "forms[1].fields[1].name",
        "must be given once only",
    ),
    ({"push_url": "example.com"}, "push_url", "must be an address that begins with https://"),
    ({"push_url": "https://[x"}, "push_url", "must be an address"),
    ({"push_url": 5}, "push_url", "5 came"),
    (
        {"push_url": "https://x.example", "preferences": {"UseClientNotifyVersion2": "no"}},
        "push_url",
        "must be None where preferences hold UseClientNotifyVersion2",
    ),
    ({"preferences": ["NextPartyLink"]}, "preferences", "must be a mapping"),
    ({"preferences": {"NextPartyLink": 1}}, "preferences['NextPartyLink']", "a str or a bool"),
]


@pytest.mark.parametrize(("changes", "argument", "words"), CASES)
def test_a_mistake_is_named_before_anything_is_sent(
    changes: dict[str, Any], argument: str, words: str
) -> None:
    error = refused(**changes)
    assert error.path == argument
    assert str(error).startswith(f"SIGNiX SubmitDocument: {argument} ")
    assert words in str(error)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"description": "x" * 101}, "DocSetDescription"),
        ({"email_content": ""}, "EmailContent"),
        ({"parties": party(first_name="x" * 31)}, "FirstName"),
        ({"parties": party(mobile_number="555-555-0100")}, "MobileNumber"),
        ({"parties": party(ssn="12")}, "SSN"),
        ({"parties": party(dob="1990-01-02")}, "DOB"),
        ({"suspend_on_start": "no"}, "SuspendOnStart"),
        ({"demo": None, "submitter_name": 5}, "SubmitterName"),
        ({"forms": form(Field.text(at=TextTag("x", width=-1)))}, "Width"),
    ],
)
def test_what_the_schema_refuses_is_refused_before_sending(
    changes: dict[str, Any], path: str
) -> None:
    assert path in (refused(**changes).path or "")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("lease.pdf", "must be bytes, a pathlib.Path or an open binary file, and an object of"),
        (None, "and an object of type NoneType came"),
        ([PDF], "and an object of type list came"),
        (Path("/nowhere/lease.pdf"), "'/nowhere/lease.pdf' came"),
        (Path("/"), "must be the path of a regular file"),
        (io.StringIO("x"), "open for reading in binary mode"),
    ],
)
def test_a_document_that_is_none(document: Any, words: str) -> None:
    error = refused(forms=[SIGNED, Form(document)])
    assert "forms[1].document must be " in str(error)
    assert words in str(error)


@pytest.mark.parametrize("transaction_id", ["short", TRANSACTION_ID + "1", 5])
def test_an_identifier_that_cannot_be_right(transaction_id: Any) -> None:
    assert "transaction_id must" in str(refused(transaction_id=transaction_id))


def test_a_workgroup_is_needed() -> None:
    with hostile(close_at_once) as server, pytest.raises(ConfigurationError, match="workgroup"):
        drive("sync", server.url, submit, workgroup=None)


def test_production_wants_https_for_notifications() -> None:
    account = {"sponsor": "s", "client": "c", "user_id": "u", "password": "p"}
    with Signix(**account, url=PRODUCTION_URL, workgroup="SDD") as client:
        with pytest.raises(InvalidRequest, match="must be https") as caught:
            submit(client, push_url="http://example.com/push")
        assert caught.value.path == "push_url"
    assert len(parts(written(push_url="http://example.com/push"), "ClientPreference")) == 2


def test_the_constants_are_the_vendors_spelling() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", one) for one in [*Service, *ClientPreference])
    assert str(Service.KBA_ID) == "KBA-ID"
