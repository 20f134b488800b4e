"""JotBlocks: what the constructors write, and the rules that they keep."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from esignwire.assuresign import AssureSign, FileDocument, JotBlock
from esignwire.assuresign.types import submit
from esignwire.emulator import EmulatorServer
from esignwire.errors import InvalidRequest
from tests.support.assuresign import ACCOUNT, SERVICES, TEMPLATE, USER, Script, judged, soap
from tests.support.hostile import hostile

PLACE: dict[str, Any] = {"page": 1, "x": 0.1, "y": 0.8, "width": 0.3, "height": 0.05}
SIGNED: dict[str, Any] = {**PLACE, "signatory_email": "pat@example.com"}
NAMING = (
    "signatory_email",
    "signatory_email_parameter_name",
    "signatory_mobile_phone",
    "signatory_mobile_phone_parameter_name",
)
SIGNER_BLOCKS: dict[str, Callable[..., JotBlock]] = {
    "signature": lambda **block: JotBlock.signature("A", **block),
    "initials": lambda **block: JotBlock.initials("A", **block),
    "text": lambda **block: JotBlock.text("A", **block),
    "checkbox": lambda **block: JotBlock.checkbox("A", **block),
    "radio": lambda **block: JotBlock.radio("A", ["Yes", "No"], **block),
    "choice": lambda **block: JotBlock.choice("A", ["Yes", "No"], **block),
    "timestamp": lambda **block: JotBlock.timestamp("A", **block),
}
OTHER_BLOCKS: dict[str, Callable[..., JotBlock]] = {
    "fixed": lambda **block: JotBlock.fixed("A", "Text", **block),
    "parameter": lambda **block: JotBlock.parameter("A", "Rent", **block),
}


def written(*blocks: submit.JotBlock, **document: Any) -> etree._Element:
    """What is sent for the blocks of one document, which libxml2 found nothing wrong with."""
    answer = soap(
        f'<SubmitWithFileResponse xmlns="{SERVICES}/Submit"><SubmitWithFileResult>'
        f'<DocumentResult Id="{ACCOUNT}" AuthToken="{ACCOUNT}"/>'
        "</SubmitWithFileResult></SubmitWithFileResponse>"
    )
    with (
        hostile(Script(answer)) as server,
        AssureSign(
            context_identifier=ACCOUNT,
            user_name=USER,
            url=f"http://127.0.0.1:{server.port}/DocumentNOW.svc",
        ) as client,
    ):
        client.submit(
            FileDocument(b"%PDF", template_id=TEMPLATE, jot_blocks=list(blocks), **document)
        )
        return judged(server.received[0])


def blocks_of(message: etree._Element) -> list[etree._Element]:
    return message.findall(f".//{{{SERVICES}/Submit}}JotBlock")


def test_each_constructor_writes_what_the_schema_allows() -> None:
    made = [make(**SIGNED) for make in SIGNER_BLOCKS.values()]
    made += [make(**PLACE) for make in OTHER_BLOCKS.values()]
    found = blocks_of(written(*made))
    assert [one.get("InputType") for one in found] == [
        *["Signatory"] * len(SIGNER_BLOCKS),
        "Fixed",
        "Parameter",
    ]
    assert {one.get("PositionX") for one in found} == {"0.1"}
    assert {one.get("PositionY") for one in found} == {"0.8"}
    ns = f"{{{SERVICES}/Submit}}"
    kinds = [one.find(f"{ns}WrittenProperties") is None for one in found]
    assert kinds == [False, False, *[True] * (len(found) - 2)]
    inputs = [one.find(f"{ns}TypedProperties") for one in found[2:7]]
    assert [None if one is None else one.get("SignatoryInputType") for one in inputs] == [
        "FreeText",
        "MultipleChoiceCheckbox",
        "MultipleChoiceRadio",
        "MultipleChoiceText",
        "Timestamp",
    ]


def test_a_block_says_all_that_was_given() -> None:
    look = submit.TypedJotBlockProperties(
        font_size=submit.TypedJotBlockFontSizeType.TEN, font_bold=True
    )
    block = JotBlock.text(
        "Rent",
        value="1,000",
        regex="[0-9,]+",
        validation_message="A sum, please",
        look=look,
        instructions="The monthly rent",
        required=True,
        certified=False,
        border=submit.JotBlockBorderType.ALL,
        source_group="rent",
        signing_step=2,
        signing_order=1,
        signatory_mobile_phone="5555550100",
        **PLACE,
    )
    (found,) = blocks_of(written(block))
    assert dict(found.attrib) == {
        "SigningStep": "2",
        "SigningOrder": "1",
        "Certified": "false",
        "Required": "true",
        "InputType": "Signatory",
        "Border": "All",
        "Page": "1",
        "PositionX": "0.1",
        "PositionY": "0.8",
        "Height": "0.05",
        "Width": "0.3",
        "Name": "Rent",
        "Instructions": "The monthly rent",
        "SignatoryMobilePhone": "5555550100",
        "SourceGroup": "rent",
    }
    typed = found[0]
    assert dict(typed.attrib) == {
        "FontSize": "Ten",
        "FontBold": "true",
        "SignatoryInputType": "CustomValidation",
        "Regex": "[0-9,]+",
        "ValidationMessage": "A sum, please",
    }
    assert typed[0].text == "1,000"
    # What was given for the look of many blocks is not changed by one.
    assert look.value is None


def test_an_override_needs_no_signer_and_no_place() -> None:
    (mine, plain) = blocks_of(
        written(JotBlock(name="A", position_x=0.2), submit.JotBlock(name="B", position_y=1.0))
    )
    assert dict(mine.attrib) == {"Name": "A", "PositionX": "0.2"}
    assert dict(plain.attrib) == {"Name": "B", "PositionY": "1.0"}


@pytest.mark.parametrize("make", [*SIGNER_BLOCKS.values(), *OTHER_BLOCKS.values()])
@pytest.mark.parametrize("name", ["x", "y", "width", "height"])
@pytest.mark.parametrize("ratio", [-0.01, 1.01, math.nan, math.inf, "0.5", True, None])
def test_a_place_is_in_ratios_of_the_page(
    make: Callable[..., JotBlock], name: str, ratio: object
) -> None:
    values = {**(PLACE if make in OTHER_BLOCKS.values() else SIGNED), name: ratio}
    if ratio is None:
        # Left out on the wire: a type checker refuses it, and the vendor may have a default.
        assert make(**values).name == "A"
        return
    with pytest.raises(InvalidRequest) as caught:
        make(**values)
    member = f"position_{name}" if name in "xy" else name
    assert caught.value.path == f"jot_block.{member}"
    assert "ratio of the page" in caught.value.message


@given(
    ratios=st.lists(st.floats(0, 1), min_size=4, max_size=4),
    page=st.integers(1, 32767),
    naming=st.sampled_from(NAMING),
    kind=st.sampled_from(sorted(SIGNER_BLOCKS)),
)
def test_any_place_on_a_page_is_taken(
    ratios: list[float], page: int, naming: str, kind: str
) -> None:
    x, y, width, height = ratios
    place: dict[str, Any] = {"x": x, "y": y, "width": width, "height": height, "page": page}
    block = SIGNER_BLOCKS[kind](**place, **{naming: "someone"})
    assert (block.position_x, block.position_y, block.width, block.height) == (x, y, width, height)
    assert (block.page, getattr(block, naming)) == (page, "someone")


@given(
    given=st.sets(st.sampled_from(NAMING)),
    kind=st.sampled_from(sorted(SIGNER_BLOCKS)),
)
def test_a_signer_is_named_in_one_way(given: set[str], kind: str) -> None:
    values = {**PLACE, **dict.fromkeys(given, "someone")}
    if len(given) == 1:
        SIGNER_BLOCKS[kind](**values)
        return
    with pytest.raises(InvalidRequest, match="must name its signer"):
        SIGNER_BLOCKS[kind](**values)


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"page": 0}, "jot_block.page"),
        ({"page": 32768}, "jot_block.page"),
        ({"page": 1.0}, "jot_block.page"),
        ({"page": True}, "jot_block.page"),
        ({"signatory_email": "a" * 129}, "jot_block.signatory_email"),
        ({"signatory_email": " "}, "jot_block.signatory_email"),
        ({"signatory_email": 1}, "jot_block.signatory_email"),
    ],
)
def test_a_rule_that_is_broken_is_named(block: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        JotBlock.signature("A", **{**SIGNED, **block})
    assert caught.value.path == path
    assert caught.value.vendor == "AssureSign"


def test_texts_may_be_as_long_as_the_vendor_says() -> None:
    JotBlock.initials("A", signatory_email="a" * 128, **PLACE)
    JotBlock.initials("A", signatory_email_parameter_name="a" * 50, **PLACE)
    with pytest.raises(InvalidRequest, match="50 characters"):
        JotBlock.initials("A", signatory_email_parameter_name="a" * 51, **PLACE)


@pytest.mark.parametrize("name", ["", " ", None, 1])
def test_a_block_has_a_name(name: Any) -> None:
    with pytest.raises(InvalidRequest, match="not blank"):
        JotBlock.signature(name, **SIGNED)


@pytest.mark.parametrize("options", [[], (), "Yes"])
def test_choices_are_a_list(options: Any) -> None:
    for make in (JotBlock.radio, JotBlock.choice, JotBlock.checkbox):
        with pytest.raises(InvalidRequest, match="list of at least one"):
            make("A", options, **SIGNED)


def test_keywords_are_checked_as_python_checks_them() -> None:
    with pytest.raises(TypeError, match="missing keyword arguments: page, width"):
        JotBlock.signature("A", x=0, y=0, height=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword arguments: colour"):
        JotBlock.signature("A", colour="red", **SIGNED)
    with pytest.raises(TypeError, match="unexpected keyword arguments: signatory_email"):
        JotBlock.fixed("A", "Text", **SIGNED)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (None, "must be a JotBlock; None was given"),
        ({"name": "A"}, "must be a JotBlock; a dict was given"),
        (JotBlock(), "jot_blocks[1].name"),
        (JotBlock(name="A", height=2.0), "2 was given"),
        (
            JotBlock(name="A", signatory_email="a", signatory_mobile_phone="1"),
            "signatory_email and signatory_mobile_phone were given",
        ),
        (
            JotBlock(
                name="A",
                written_properties=submit.WrittenJotBlockProperties(),
                typed_properties=submit.TypedJotBlockProperties(),
            ),
            "written or typed",
        ),
    ],
)
def test_blocks_are_checked_before_they_are_sent(block: Any, words: str) -> None:
    document = FileDocument(
        b"%PDF", template_id=TEMPLATE, jot_blocks=[JotBlock(name="First"), block]
    )
    with (
        EmulatorServer() as emulator,
        emulator.environment(),
        AssureSign.from_environment() as client,
    ):
        with pytest.raises(InvalidRequest) as caught:
            client.submit(document)
        assert (caught.value.path or "").startswith("documents[0].jot_blocks[1]")
        assert words in caught.value.message
        assert not emulator.state.assuresign.documents


def test_a_signer_is_written_as_in_the_parameters() -> None:
    block = JotBlock.signature("A", **{**SIGNED, "signatory_email": "Pat@Example.com"})
    parameters = {"Signatory 1 Email Address": "pat@example.com"}
    with pytest.raises(InvalidRequest, match="upper and lower case") as caught:
        written(block, parameters=parameters)
    assert caught.value.path == "documents[0].jot_blocks[0].signatory_email"
    assert "pat@example.com" not in str(caught.value)
    # The signer may be fixed in the template.
    assert written(block, parameters={"Signatory 1 Email Address": "sam@example.com"}) is not None


def test_blocks_are_pickled_and_compared() -> None:
    block = JotBlock.signature("A", **SIGNED)
    assert pickle.loads(pickle.dumps(block)) == block  # noqa: S301 - our own
    assert block != JotBlock.initials("A", **SIGNED)
