"""The emulator as SIGNiX, over HTTP and by hand-written messages."""

from __future__ import annotations

import base64
import json
from typing import Any
from xml.sax.saxutils import escape

import pytest

from esignwire.emulator import Accounts, EmulatorServer, EmulatorSettings, SignixAccount
from tests.support.emulator import SCHEMAS, SIGNIX, Answer, control, get, post, post_signix, signix

TRANSACTION = "aefd45aa-6a36-4ab5-8cc8-4dc6e895fa21"
FILE = b"%PDF-1.4 a small document"
CUSTOMER = (
    "<Sponsor>oem</Sponsor><Client>oemclient</Client><UserId>oemuser</UserId>"
    "<Pswd>a-password &amp; more</Pswd>"
)


def message(method: str, data: str, customer: str = CUSTOMER) -> str:
    return (
        f'<{method}Rq xmlns="{SIGNIX}"><CustInfo>{customer}</CustInfo>'
        f"<Data>{data}</Data></{method}Rq>"
    )


def submission(
    *,
    transaction: str = TRANSACTION,
    suspend: str = "no",
    length: int = len(FILE),
    workgroup: str = "SDD",
    customer: str = CUSTOMER,
    forms: int = 1,
    items: str = "",
) -> str:
    data = base64.b64encode(FILE).decode()
    form = (
        "<Form><RefID>F1</RefID><Desc>Contract</Desc><FileName>c.pdf</FileName>"
        f"<MimeType>application/pdf</MimeType>{items}<Length>{length}</Length><Data>{data}</Data>"
        "</Form>"
    )
    members = "".join(
        f"<MemberInfo><RefID>{ref_id}</RefID><SSN>910000000</SSN><DOB>00/00/0000</DOB>"
        f"<FirstName>{ref_id}</FirstName><LastName>Signer</LastName><Email>{ref_id}@example.com"
        "</Email><Service>SMSOneClick</Service><MobileNumber>1112223333</MobileNumber></MemberInfo>"
        for ref_id in ("P01", "P02")
    )
    return message(
        "SubmitDocument",
        f"<TransactionID>{transaction}</TransactionID><DocSetDescription>Set</DocSetDescription>"
        "<SubmitterEmail>owner@example.com</SubmitterEmail><ContactInfo/>"
        f"<DeliveryType>SDDDC</DeliveryType><SuspendOnStart>{suspend}</SuspendOnStart>"
        f"{members}{form * forms}",
        f"{customer}<Workgroup>{workgroup}</Workgroup><Demo>yes</Demo>",
    )


def status(answer: Answer) -> tuple[int, str]:
    return int(answer.text("StatusCode")), answer.text("StatusDesc")


def submitted(emulator: EmulatorServer) -> str:
    answer = signix(emulator, "SubmitDocument", submission())
    assert status(answer) == (0, "success")
    return answer.text("DocumentSetID")


def by_set(document_set: str) -> str:
    return f"<DocumentSetID>{document_set}</DocumentSetID>"


def command(kind: str) -> str:
    return json.dumps({"objectType": kind})


def update(ref_id: str, **party: object) -> str:
    return json.dumps(
        {
            "objectType": "Transaction_SaveDeltas",
            "deltas": [
                {
                    "objectType": "Transaction_UpdateRole",
                    "role": {
                        "id": ref_id,
                        "objectType": "TransactionRole",
                        "party": {"objectType": "PersonData", **party},
                    },
                }
            ],
        }
    )


def emails(address: object) -> dict[str, object]:
    return {"P01": {"address": address, "objectType": "EmailAddress", "type": "Home"}}


def phones(number: str) -> dict[str, object]:
    return {"Mobile1": {"objectType": "PhoneNumber", "id": "Mobile", "type": "", "number": number}}


def resend(ref_id: str, **texts: str) -> str:
    return json.dumps(
        {
            "objectType": "Transaction_SendPartyEmail",
            "includeLink": True,
            "subject": "",
            "message": "",
            "transactionId": "",
            "to": [{"objectType": "TxRoleAddressee", "Id": ref_id, "name": "", "emailAddress": ""}],
            **texts,
        }
    )


def run_one(emulator: EmulatorServer, document_set: str, text: str) -> tuple[Answer, int, str]:
    answer = signix(
        emulator,
        "SubmitAjax",
        message("SubmitAjax", f"{by_set(document_set)}<Request>{escape(text)}</Request>"),
    )
    reply = json.loads(answer.text("Response"))
    assert reply["objectType"] == "Status"
    assert not answer.one("Response").attrib
    return answer, reply["statusCode"], reply["statusMessage"]


def run_many(emulator: EmulatorServer, document_set: str, *texts: str) -> Answer:
    requests = "".join(f"<Request>{escape(text)}</Request>" for text in texts)
    return signix(
        emulator,
        "SubmitAjax",
        message("SubmitAjax", f"{by_set(document_set)}<Requests>{requests}</Requests>"),
    )


def codes(answer: Answer) -> list[str | None]:
    return [response.get("responseCode") for response in answer.all("Response")]


def remembered(emulator: EmulatorServer) -> dict[str, Any]:
    state = get(f"{emulator.url}/_esignwire/state").json()
    (transaction,) = state["signix"]["transactions"]
    found: dict[str, Any] = transaction
    return found


def member(emulator: EmulatorServer, number: int) -> tuple[str, str]:
    found = remembered(emulator)["members"][number]
    return found["email"], found["mobile_number"]


def test_a_submission_gives_a_document_set_and_a_link(emulator: EmulatorServer) -> None:
    answer = signix(emulator, "SubmitDocument", submission())
    assert status(answer) == (0, "success")
    assert ":" in answer.text("DocumentSetID")
    assert answer.text("PickupLink").startswith(f"{emulator.url}/signix/enter.jsp?m=103&i=")
    assert remembered(emulator)["status"] == "InProgress"


@pytest.mark.parametrize("suspend", ["yes", "true"])
def test_a_submission_that_starts_suspended_has_no_link(
    emulator: EmulatorServer, suspend: str
) -> None:
    answer = signix(emulator, "SubmitDocument", submission(suspend=suspend))
    assert status(answer) == (0, "success")
    assert not answer.all("PickupLink")
    assert remembered(emulator)["status"] == "Suspended"


def test_a_transaction_id_is_taken_once(emulator: EmulatorServer) -> None:
    submitted(emulator)
    again = signix(emulator, "SubmitDocument", submission())
    assert status(again) == (104, "A transaction with this TransactionID exists.")
    assert not again.all("Data")


PLACE = (
    "<AnchorText>Date</AnchorText><AnchorXOffset>0</AnchorXOffset>"
    "<AnchorYOffset>0</AnchorYOffset><Width>9</Width><Height>9</Height><IsRequired>yes</IsRequired>"
)
FIELD = f"<TextTagField><Type>DateSigned</Type>{PLACE}<TagName>D</TagName></TextTagField>"


def tag_signature(number: str = "1", name: str = "D") -> str:
    return (
        f"<TextTagSignature><MemberInfoNumber>{number}</MemberInfoNumber>{PLACE}"
        f"<DateSignedTagName>{name}</DateSignedTagName></TextTagSignature>"
    )


def line(number: str) -> str:
    return f"<SignatureLine><MemberInfoNumber>{number}</MemberInfoNumber></SignatureLine>"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (FIELD + tag_signature(" +02 ") + line("1"), 0),
        (tag_signature() + FIELD, 106),
        (FIELD + tag_signature(name="E"), 106),
        (tag_signature(), 106),
        (FIELD + tag_signature("3"), 111),
        (line("2") + line("3"), 111),
        (line("9" * 5_000), 111),
    ],
)
def test_signatures_are_those_of_parties_and_their_fields_come_first(
    emulator: EmulatorServer, items: str, code: int
) -> None:
    answer = signix(emulator, "SubmitDocument", submission(items=items))
    assert status(answer)[0] == code


def test_the_length_must_be_that_of_the_data(emulator: EmulatorServer) -> None:
    answer = signix(emulator, "SubmitDocument", submission(length=7))
    assert status(answer) == (105, "The Length of form 1 is 7; its data has 25 bytes.")
    # A refused submission leaves nothing behind.
    submitted(emulator)


@pytest.mark.parametrize(
    ("method", "request_text", "rule"),
    [
        ("SubmitDocument", submission(transaction="x" * 35), "cvc-length-valid"),
        ("SubmitDocument", submission().replace("<DeliveryType>SDDDC", "<DeliveryType>"), "cvc-"),
        (
            "GetAccessToken",
            message(
                "GetAccessToken",
                by_set("x"),
                "<Client>c</Client><Sponsor>s</Sponsor><UserId>u</UserId><Pswd>p</Pswd>",
            ),
            "cvc-complex-type.2.4",
        ),
        (
            "SubmitAjax",
            message(
                "SubmitAjax",
                f"{by_set('x')}<TransactionID>{TRANSACTION}</TransactionID><Request>x</Request>",
            ),
            "cvc-complex-type.2.4",
        ),
        ("SubmitAjax", message("SubmitAjax", f"{by_set('x')}<Requests/>"), "cvc-"),
        ("SubmitAjax", "<SubmitAjaxRq/>", "cvc-elt.1"),
    ],
)
def test_what_breaks_the_schema_is_answered_with_101(
    emulator: EmulatorServer, method: str, request_text: str, rule: str
) -> None:
    answer = signix(emulator, method, request_text)
    code, text = status(answer)
    assert code == 101
    assert text.startswith(rule)
    assert not answer.all("Data")


HOSTILE = {
    "empty": "",
    "JSON": '{"not": "xml"}',
    "truncated": submission()[:-3],
    "DTD": "<!DOCTYPE x>" + submission(),
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + submission(),
    "very deep": "<a>" * 10_000 + "</a>" * 10_000,
    "too deep": "<a>" * 101 + "</a>" * 101,
    "many elements": "<a>" + "<b/>" * 200_001 + "</a>",
    "a null character": submission().replace("Contract", "\0"),
    "a lone surrogate": submission().replace("Contract", "&#xD800;"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_answered_with_101(emulator: EmulatorServer, name: str) -> None:
    answer = signix(emulator, "SubmitDocument", HOSTILE[name])
    code, text = status(answer)
    assert code == 101
    assert "root:" not in text
    assert not answer.all("Data")


@pytest.mark.parametrize(
    "declaration",
    [
        "",
        '<?xml version="1.0" ?>',
        '<?xml version="1.0" encoding="utf-16"?>',
        "<?xml version='1.0' encoding='utf8'?>\n",
    ],
)
def test_what_the_declaration_says_of_the_encoding_does_not_matter(
    emulator: EmulatorServer, declaration: str
) -> None:
    answer = signix(emulator, "SubmitDocument", declaration + submission())
    assert status(answer) == (0, "success")


def test_the_method_must_be_that_of_the_root(emulator: EmulatorServer) -> None:
    answer = signix(emulator, "GetAccessLink", submission())
    assert status(answer) == (
        100,
        "The method GetAccessLink calls for the root element GetAccessLinkRq.",
    )
    assert not answer.all("Data")


@pytest.mark.parametrize("method", ["QueryTransactionStatus", "AddDocument", "submitdocument"])
def test_a_method_that_is_not_played_is_told_so(emulator: EmulatorServer, method: str) -> None:
    response = post_signix(emulator, method, submission())
    assert response.status_code == 200
    assert f"<StatusDesc>The emulator does not play {method}.</StatusDesc>" in response.text
    assert "<StatusCode>199</StatusCode>" in response.text


@pytest.mark.parametrize(
    ("content", "content_type", "code"),
    [
        (b"", "application/x-www-form-urlencoded", 400),
        (b"method=SubmitAjax", "application/x-www-form-urlencoded", 400),
        (b"method=SubmitAjax&request=a&request=b", "application/x-www-form-urlencoded", 400),
        (b"method=SubmitAjax&request=%ff", "application/x-www-form-urlencoded", 400),
        (b"method=SubmitAjax&request=\xff", "application/x-www-form-urlencoded", 400),
        (b"method=%3Cx%3E&request=a", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"a=b"] * 1000), "application/x-www-form-urlencoded", 400),
        (b"method=SubmitAjax&request=a", "text/xml", 415),
    ],
)
def test_what_is_no_form_is_answered_as_a_web_server_does(
    emulator: EmulatorServer, content: bytes, content_type: str, code: int
) -> None:
    response = post(emulator.signix_url, content=content, headers={"Content-Type": content_type})
    assert response.status_code == code
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_get_is_not_allowed(emulator: EmulatorServer) -> None:
    response = get(emulator.signix_url)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_links_and_tokens_are_for_transactions_that_exist(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    submitter = "<TransactionRole>submitter</TransactionRole>"
    for identifier in (by_set(document_set), f"<TransactionID>{TRANSACTION}</TransactionID>"):
        answer = signix(emulator, "GetAccessLink", message("GetAccessLink", identifier + submitter))
        assert answer.text("AccessLink").startswith(emulator.url)
    signer = f"{by_set(document_set)}<MemberInfoNumber>%d</MemberInfoNumber>"
    for number, code in ((1, 0), (2, 0), (3, 111)):
        answer = signix(emulator, "GetAccessLink", message("GetAccessLink", signer % number))
        assert status(answer)[0] == code
    token = signix(emulator, "GetAccessToken", message("GetAccessToken", by_set(document_set)))
    assert len(token.text("AccessToken")) == 22


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("GetAccessLink", "<TransactionRole>submitter</TransactionRole>"),
        ("GetAccessToken", ""),
        ("DownloadDocument", ""),
        ("ConfirmDownload", ""),
        ("SubmitAjax", f"<Request>{command('Transaction_Cancel')}</Request>"),
    ],
)
def test_an_unknown_transaction_is_told_so(
    emulator: EmulatorServer, method: str, more: str
) -> None:
    answer = signix(emulator, method, message(method, by_set("-147fb68b:1043a5db9ca") + more))
    assert status(answer) == (109, "There is no transaction with this DocumentSetID.")
    assert not answer.all("Data")


def test_files_can_be_downloaded_when_all_have_signed(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    download = message(
        "DownloadDocument",
        f"{by_set(document_set)}<IncludeAuditData>true</IncludeAuditData>"
        "<AuditDataFormat>xml</AuditDataFormat><UseConfirmDownload>true</UseConfirmDownload>"
        "<IncludeCertificateOfCompletion>true</IncludeCertificateOfCompletion>",
    )
    confirm = message("ConfirmDownload", by_set(document_set))
    for method, text in (("DownloadDocument", download), ("ConfirmDownload", confirm)):
        early = signix(emulator, method, text)
        assert status(early) == (110, "The transaction is not complete: it is InProgress.")
    for _ in range(2):
        assert control(emulator, "signix/transactions/sign", TRANSACTION).is_success
    answer = signix(emulator, "DownloadDocument", download)
    assert status(answer) == (0, "success")
    form = Answer(200, answer.one("Form"))
    assert form.text("RefID") == "F1"
    assert base64.b64decode(form.text("Data")) == FILE
    assert form.text("Length") == str(len(FILE))
    audit = Answer(200, answer.one("AuditReport"))
    assert audit.text("FileName") == "audit.xml"
    assert b"PartyComplete" in base64.b64decode(audit.text("Data"))
    certificate = Answer(200, answer.one("CertificateOfCompletion"))
    content = base64.b64decode(certificate.text("Data"))
    assert content.startswith(b"%PDF-")
    assert int(certificate.text("Length")) == len(content)
    assert remembered(emulator)["is_download_confirmed"] is False
    assert status(signix(emulator, "ConfirmDownload", confirm)) == (0, "success")
    assert remembered(emulator)["is_download_confirmed"] is True


def test_the_audit_report_can_stand_beside_the_data() -> None:
    settings = EmulatorSettings(schemas=SCHEMAS, audit_report_place="beside")
    with EmulatorServer(settings) as emulator:
        document_set = submitted(emulator)
        control(emulator, "signix/transactions/complete", document_set)
        answer = signix(
            emulator,
            "DownloadDocument",
            message(
                "DownloadDocument",
                f"{by_set(document_set)}<IncludeAuditData>true</IncludeAuditData>",
            ),
        )
        assert answer.one("AuditReport").getparent() is answer.root
        assert base64.b64decode(Answer(200, answer.one("AuditReport")).text("Data"))[:5] == b"%PDF-"


def test_a_transaction_is_suspended_resumed_and_cancelled(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    for kind, state in (
        ("Transaction_Suspend", "Suspended"),
        ("Transaction_Resume", "InProgress"),
        ("Transaction_Cancel", "Cancelled"),
    ):
        answer, code, text = run_one(emulator, document_set, command(kind))
        assert (code, text) == (0, "success")
        assert status(answer) == (0, "success")
        assert remembered(emulator)["status"] == state


def put_into(emulator: EmulatorServer, state: str) -> str:
    document_set = submitted(emulator)
    match state:
        case "Complete":
            control(emulator, "signix/transactions/complete", document_set)
        case "Expired":
            control(emulator, "signix/transactions/expire", document_set)
        case "Suspended":
            run_one(emulator, document_set, command("Transaction_Suspend"))
        case "Cancelled":
            run_one(emulator, document_set, command("Transaction_Cancel"))
        case _:
            assert state == "InProgress"
    assert remembered(emulator)["status"] == state
    return document_set


@pytest.mark.parametrize(
    ("state", "kind", "text"),
    [
        (
            "Suspended",
            "Transaction_Suspend",
            "This transaction has already been suspended and cannot be suspended again.",
        ),
        (
            "Complete",
            "Transaction_Suspend",
            "This transaction has already been completed and cannot be suspended.",
        ),
        (
            "Complete",
            "Transaction_Resume",
            "This transaction has already been completed and cannot be resumed.",
        ),
        (
            "Expired",
            "Transaction_Cancel",
            "This transaction has expired and cannot be cancelled.",
        ),
        (
            "Cancelled",
            "Transaction_Cancel",
            "This transaction has cancelled and cannot be cancelled.",
        ),
        (
            "Complete",
            "Transaction_Cancel",
            "This transaction has already been completed and cannot be cancelled.",
        ),
    ],
)
def test_the_vendors_warnings_stand_in_the_status_and_in_the_json(
    emulator: EmulatorServer, state: str, kind: str, text: str
) -> None:
    document_set = put_into(emulator, state)
    answer, code, message_text = run_one(emulator, document_set, command(kind))
    assert status(answer) == (1, text)
    assert (code, message_text) == (1, text)
    assert remembered(emulator)["status"] == state
    several = run_many(emulator, document_set, command(kind))
    assert status(several) == (1, text)
    assert codes(several) == ["0"]


@pytest.mark.parametrize(
    ("state", "kind", "text"),
    [
        (
            "Cancelled",
            "Transaction_Suspend",
            "This transaction has cancelled and cannot be suspended.",
        ),
        ("Expired", "Transaction_Suspend", "This transaction has expired and cannot be suspended."),
        (
            "InProgress",
            "Transaction_Resume",
            "The transaction cannot be resumed: it is InProgress.",
        ),
        (
            "Cancelled",
            "Transaction_Resume",
            "This transaction has cancelled and cannot be resumed.",
        ),
        ("Expired", "Transaction_Resume", "This transaction has expired and cannot be resumed."),
    ],
)
def test_what_has_no_documented_warning_is_an_error_in_the_json_alone(
    emulator: EmulatorServer, state: str, kind: str, text: str
) -> None:
    document_set = put_into(emulator, state)
    answer, code, message_text = run_one(emulator, document_set, command(kind))
    assert status(answer) == (0, "success")
    assert (code, message_text) == (2, text)
    assert remembered(emulator)["status"] == state


def test_a_signers_address_and_number_change(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    assert member(emulator, 0) == ("P01@example.com", "1112223333")
    for text in (
        update("P01", emailAddressTable=emails("new@example.com")),
        update("P01", phoneTable=phones("2221231234")),
    ):
        assert run_one(emulator, document_set, text)[1:] == (0, "success")
    assert member(emulator, 0) == ("new@example.com", "2221231234")
    assert member(emulator, 1) == ("P02@example.com", "1112223333")


def test_the_pick_up_email_goes_to_the_new_address(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    run_one(emulator, document_set, update("P01", emailAddressTable=emails("new@example.com")))
    text = resend("P01", subject="Please", message="Sign <here> & there")
    assert run_one(emulator, document_set, text)[1:] == (0, "success")
    assert remembered(emulator)["emails"] == [
        {
            "ref_id": "P01",
            "email": "new@example.com",
            "subject": "Please",
            "message": "Sign <here> & there",
            "includes_link": True,
        }
    ]


WRONG_COMMANDS = {
    "no JSON": "{'objectType':'Transaction_Cancel'",
    "empty": "",
    "a number": "7",
    "a list": "[]",
    "not a number": '{"objectType": NaN}',
    "no objectType": "{}",
    "unknown objectType": command("Transaction_Explode"),
    "objectType a list": '{"objectType": []}',
    "very deep": "[" * 100_000 + "]" * 100_000,
    "a long number": "1" * 10_000,
    "unknown party": update("P09", emailAddressTable=emails("new@example.com")),
    "no address": update("P01", emailAddressTable=emails("nobody")),
    "address a number": update("P01", emailAddressTable=emails(7)),
    "nine digits": update("P01", phoneTable=phones("222123123")),
    "letters": update("P01", phoneTable=phones("22212312ab")),
    "both": update("P01", emailAddressTable=emails("n@e.com"), phoneTable=phones("2221231234")),
    "neither": update("P01"),
    "no deltas": '{"objectType":"Transaction_SaveDeltas","deltas":[]}',
    "deltas a text": '{"objectType":"Transaction_SaveDeltas","deltas":"x"}',
    "delta a text": '{"objectType":"Transaction_SaveDeltas","deltas":["x"]}',
    "addressee unknown": resend("P09"),
    "nobody to send to": '{"objectType":"Transaction_SendPartyEmail","to":[]}',
}


@pytest.mark.parametrize("name", WRONG_COMMANDS)
def test_a_wrong_command_is_an_error_in_the_json_alone(emulator: EmulatorServer, name: str) -> None:
    document_set = submitted(emulator)
    before = remembered(emulator)
    answer, code, _ = run_one(emulator, document_set, WRONG_COMMANDS[name])
    assert status(answer) == (0, "success")
    assert code == 2
    assert remembered(emulator) == before


def test_a_multi_request_that_succeeds_is_saved(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    answer = run_many(
        emulator,
        document_set,
        update("P01", emailAddressTable=emails("new@example.com")),
        update("P02", phoneTable=phones("2221231234")),
        resend("P01"),
    )
    assert status(answer) == (0, "success")
    assert codes(answer) == ["0", "0", "0"]
    assert [r.get("responseDesc") for r in answer.all("Response")] == ["success"] * 3
    assert member(emulator, 0)[0] == "new@example.com"
    assert member(emulator, 1)[1] == "2221231234"


def test_a_multi_request_that_fails_is_rolled_back(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    before = remembered(emulator)
    answer = run_many(
        emulator,
        document_set,
        update("P01", emailAddressTable=emails("new@example.com")),
        resend("P01"),
        update("P09", phoneTable=phones("2221231234")),
        update("P02", phoneTable=phones("2221231234")),
    )
    assert status(answer) == (2, "The transaction has no party with this RefID.")
    assert codes(answer) == ["0", "0", "2"]
    replies = [json.loads(r.text or "")["statusCode"] for r in answer.all("Response")]
    assert replies == [0, 0, 2]
    assert remembered(emulator) == before


def test_a_multi_request_runs_in_the_order_sent(emulator: EmulatorServer) -> None:
    document_set = submitted(emulator)
    kinds = ("Transaction_Suspend", "Transaction_Resume", "Transaction_Suspend")
    assert codes(run_many(emulator, document_set, *map(command, kinds))) == ["0", "0", "0"]
    assert remembered(emulator)["status"] == "Suspended"


def test_changes_and_emails_need_a_transaction_in_the_right_state(
    emulator: EmulatorServer,
) -> None:
    document_set = put_into(emulator, "Suspended")
    change = update("P01", emailAddressTable=emails("new@example.com"))
    assert run_one(emulator, document_set, change)[1] == 0
    assert run_one(emulator, document_set, resend("P01"))[1:] == (
        2,
        "No e-mail can be sent: the transaction is Suspended.",
    )
    run_one(emulator, document_set, command("Transaction_Cancel"))
    assert run_one(emulator, document_set, change)[1:] == (
        2,
        "The transaction cannot be changed: it is Cancelled.",
    )


def test_credentials_and_workgroups_can_be_limited() -> None:
    accounts = Accounts(
        signix=(
            SignixAccount(
                sponsor="oem",
                client="oemclient",
                user_id="oemuser",
                password="a-password & more",
                workgroups=frozenset({"SDD"}),
            ),
        )
    )
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=accounts)) as emulator:
        for wrong in ("OEM", "oem "):
            refused = signix(
                emulator,
                "SubmitDocument",
                submission(customer=CUSTOMER.replace("oem<", wrong + "<")),
            )
            assert status(refused) == (102, "The Sponsor, Client, UserId or Pswd is not valid.")
        elsewhere = signix(emulator, "SubmitDocument", submission(workgroup="Other"))
        assert status(elsewhere) == (103, "The workgroup does not exist.")
        document_set = submitted(emulator)
        assert run_one(emulator, document_set, command("Transaction_Cancel"))[1] == 0
