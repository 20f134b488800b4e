"""What SubmitDocument's signatures refer to: parties by number, fields by name."""

from __future__ import annotations

from typing import Any

import pytest

from esignwire.errors import InvalidRequest
from esignwire.signix import form_of
from esignwire_generated.signix.types.submit_document import (
    CoversType,
    SignatureLineType,
    TextTagFieldType,
    TextTagSignatureType,
    ViewType,
)
from tests.support.hostile import answer, close_at_once, hostile
from tests.support.signix import DOCUMENT_SET_ID, KINDS, Kind, drive, message, submission

PLACE: dict[str, Any] = {
    "anchor_text": "Date:",
    "anchor_x_offset": 0,
    "anchor_y_offset": 0,
    "width": 9,
    "height": 9,
    "is_required": True,
}
FIELD = TextTagFieldType(type="DateSigned", tag_name="D", **PLACE)


def beside_words(party: int, field: str | None = None) -> TextTagSignatureType:
    return TextTagSignatureType(member_info_number=party, date_signed_tag_name=field, **PLACE)


def line(party: int, **more: Any) -> SignatureLineType:
    return SignatureLineType(member_info_number=party, **more)


def submit(kind: Kind, url: str, forms: list[list[Any]]) -> Any:
    """Submits one document for each list of items, by two parties."""
    made = [form_of(b"%PDF", ref_id="A", desc="A", file_name="a.pdf", items=one) for one in forms]
    return drive(
        kind,
        url,
        lambda client: client.services.flex_api.submit_document(submission(client, form=made)),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("items", "place", "value"),
    [
        ([beside_words(1, "D")], "TextTagSignature[1]/DateSignedTagName", "D"),
        ([beside_words(1, "D"), FIELD], "TextTagSignature[1]/DateSignedTagName", "D"),
        (
            [FIELD, beside_words(1, "D"), line(1), beside_words(2, "d")],
            "TextTagSignature[2]/DateSignedTagName",
            "d",
        ),
        ([FIELD, beside_words(3)], "TextTagSignature[1]/MemberInfoNumber", "3"),
        ([beside_words(2), line(1), line(3)], "SignatureLine[2]/MemberInfoNumber", "3"),
    ],
)
def test_a_signature_of_nobody_or_without_its_field_never_leaves(
    kind: Kind, items: list[Any], place: str, value: str
) -> None:
    with hostile(close_at_once) as server:
        with pytest.raises(InvalidRequest, match="nothing was sent") as caught:
            submit(kind, server.url, [[], items])
        assert server.connections == 0
    refused = caught.value
    assert (refused.path, refused.value) == (f"SubmitDocumentRq/Data/Form[2]/{place}", value)
    assert (refused.vendor, refused.operation) == ("SIGNiX", "SubmitDocument")
    assert (refused.rule or "").startswith("must be the ")


@pytest.mark.parametrize(
    "forms",
    [
        [[FIELD, beside_words(1, "D"), beside_words(2, "D"), line(2)]],
        [[FIELD, FIELD, beside_words(1, "D")], [FIELD, beside_words(2, "D")]],
        # Nothing says that these are wrong.
        [[FIELD], [beside_words(1, "D")]],
        [[line(1, covers=[CoversType(edit_in_document=True, section="None")])]],
        [[ViewType(), beside_words(1)]],
    ],
)
def test_what_nothing_speaks_against_is_sent(forms: list[list[Any]]) -> None:
    data = f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
    with hostile(answer(message("SubmitDocument", data))) as server:
        submit("sync", server.url, forms)
        assert len(server.received) == 1
