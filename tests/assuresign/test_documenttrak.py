"""Designs of DocumentTRAK: what an administrator pastes, and what comes by it."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from esignwire.assuresign import documenttrak
from esignwire.assuresign.documenttrak import MergeField
from esignwire.errors import InvalidNotification, InvalidRequest

FIELDS = [MergeField.ENVELOPE_ID, MergeField.TRANSACTION_NAME, "Signatory 1 Email Address"]
DESIGN = documenttrak.template(FIELDS, event="Document_Completed")
VALUES = {
    "Envelope ID": "2ce11ef1-8938-4d11-8735-00065b8ce99b",
    "Transaction Name": "Lease",
    "Signatory 1 Email Address": "pat@example.com",
}


def filled(body: str, values: dict[str, str]) -> str:
    """What AssureSign makes of a body: names in brackets give way to values, all others stay."""
    return re.sub(r"\[([^\[\]]+)\]", lambda match: values.get(match[1], match[0]), body)


def test_a_template_reads_what_comes_by_it() -> None:
    event = DESIGN.parse(filled(DESIGN.body, VALUES).encode())
    assert event.event == "Document_Completed"
    assert event.values == VALUES
    assert event.unfilled == ()
    assert "pat@example.com" not in repr(event)
    assert str(DESIGN) == DESIGN.body


def test_the_same_arguments_make_the_same_design_and_others_another() -> None:
    assert documenttrak.template(FIELDS, event="Document_Completed").body == DESIGN.body
    body = filled(DESIGN.body, VALUES)
    for other in (
        documenttrak.template(FIELDS, event="Document_Cancelled"),
        documenttrak.template(FIELDS[:2], event="Document_Completed"),
        documenttrak.template(FIELDS[::-1], event="Document_Completed"),
    ):
        with pytest.raises(InvalidNotification, match="paste the design anew"):
            other.parse(body)


@given(st.lists(st.text(), min_size=3, max_size=3))
def test_a_value_may_hold_whatever_it_likes(values: list[str]) -> None:
    assume(all(one.isprintable() or "\n" in one for one in values))
    given_values = dict(zip(VALUES, values, strict=True))
    body = DESIGN.body
    for name, value in given_values.items():
        body = body.replace(f"[{name}]", value, 1)
    assume(not any("\ud800" <= one <= "\udfff" for one in body))
    assume(not any("[" in one for one in values))
    event = DESIGN.parse(body)
    assert event.values == {name: value.strip() for name, value in given_values.items()}


def test_lines_that_end_as_windows_has_them_make_no_difference() -> None:
    body = filled(DESIGN.body, VALUES)
    event = DESIGN.parse(f"\r\n{body}\r\n".replace("\n", "\r\n"))
    assert event == DESIGN.parse(body)


def test_a_signer_cannot_write_another_field() -> None:
    marks = [line for line in DESIGN.body.splitlines() if line.startswith("--")]
    for forged in (f"x\n{marks[0]}\nforged", f"x\n{marks[-1]}", "\n".join(marks)):
        body = filled(DESIGN.body, VALUES | {"Transaction Name": forged})
        with pytest.raises(InvalidNotification, match="each once"):
            DESIGN.parse(body)


def test_a_name_that_assuresign_does_not_know_is_told() -> None:
    design = documenttrak.template(["Envelope ID", "Envelope Id"])
    event = design.parse(filled(design.body, VALUES))
    assert event.unfilled == ("Envelope Id",)
    assert event.values == {"Envelope ID": VALUES["Envelope ID"]}
    assert event.event is None


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda body: body + body,
        lambda body: body + "more",
        lambda body: "more" + body,
        lambda body: body.replace("--", "", 1),
        lambda body: "\n".join(reversed(body.splitlines())),
        lambda _: b"\xff",
        lambda body: body + "x" * 2_000_000,
    ],
)
def test_a_body_of_no_such_design_is_refused(change) -> None:
    with pytest.raises(InvalidNotification) as caught:
        DESIGN.parse(change(filled(DESIGN.body, VALUES)))
    assert "pat@example.com" not in str(caught.value)
    assert caught.value.vendor == "AssureSign"


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ([], None),
        ("Envelope ID", None),
        (["Envelope ID", "Envelope ID"], None),
        (["[Envelope ID]"], None),
        ([" Envelope ID"], None),
        ([""], None),
        (["a\nb"], None),
        (["x" * 201], None),
        (["Envelope ID"], "Document Completed"),
        (["Envelope ID"], "a--\nb"),
    ],
)
def test_a_design_that_cannot_be_is_refused(fields, event: str | None) -> None:
    with pytest.raises(InvalidRequest):
        documenttrak.template(fields, event=event)


PLACES = {"Envelope ID": "Envelope/Id", "Transaction Name": "Name"}


@pytest.mark.parametrize(
    ("form", "places", "body"),
    [
        ("json", PLACES, '{"Envelope": {"Id": "E1"}, "Name": "Lease", "More": [1]}'),
        ("json", {**PLACES, "Envelope ID": "a/1/Id"}, '{"a": [0, {"Id": "E1"}], "Name": "Lease"}'),
        ("xml", PLACES, "<e><Envelope><Id>E1</Id></Envelope><Name> Lease </Name><More/></e>"),
        (
            "xml",
            {"Envelope ID": "Envelope/@Id", "Transaction Name": "@Name"},
            '<x:e xmlns:x="urn:x" xmlns="urn:y" Name="Lease"><Envelope Id="E1"/></x:e>',
        ),
        ("form", {"Envelope ID": "id", "Transaction Name": "n"}, "id=E1&n=Lease&more=1"),
    ],
)
def test_a_declared_design_reads_a_body_of_another_form(form, places, body: str) -> None:
    design = documenttrak.declare(form, places, event="Envelope_Complete")
    event = design.parse(body.encode())
    assert event.values == {"Envelope ID": "E1", "Transaction Name": "Lease"}
    assert (event.event, event.unfilled) == ("Envelope_Complete", ())
    partly = design.parse(body.replace("E1", "[Envelope ID]"))
    assert partly.unfilled == ("Envelope ID",)


def test_what_a_body_lacks_is_told() -> None:
    design = documenttrak.declare("json", PLACES)
    event = design.parse('{"Name": {"a": 1}, "Envelope": []}')
    assert event.values == {"Transaction Name": '{"a": 1}'}
    assert event.unfilled == ("Envelope ID",)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("json", "<e/>"),
        ("json", "{}"),
        ("json", "[" * 100_000),
        ("json", '{"Name": NaN}'),
        ("xml", "{}"),
        ("xml", "<e/>"),
        ("xml", "<e><Name>"),
        ("xml", '<!DOCTYPE e [<!ENTITY a "b">]><e><Name>&a;</Name></e>'),
        ("form", "Name=%ff"),
        ("form", "a&" * 2000),
        ("form", ""),
    ],
)
def test_a_body_that_is_not_what_was_declared_is_refused(form, body: str) -> None:
    with pytest.raises(InvalidNotification) as caught:
        documenttrak.declare(form, PLACES).parse(body)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("form", "places"),
    [
        ("yaml", PLACES),
        ("json", {}),
        ("json", {"Envelope ID": ""}),
        ("json", {"[Envelope ID]": "a"}),
        ("xml", {"Envelope ID": "a[1]"}),
        ("xml", {"Envelope ID": "//a"}),
        ("xml", {"Envelope ID": "@a/b"}),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(form, places: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        documenttrak.declare(form, places)


@given(st.text() | st.binary(), st.sampled_from(["json", "xml", "form"]))
def test_nothing_breaks_it(text: str | bytes, form) -> None:
    for design in (DESIGN, documenttrak.declare(form, PLACES)):
        with contextlib.suppress(InvalidNotification):
            assert design.parse(text).values


def test_a_repeated_notification_has_the_same_key_and_another_has_not() -> None:
    body = filled(DESIGN.body, VALUES)
    assert DESIGN.parse(body).key == DESIGN.parse(body.encode()).key
    other = filled(DESIGN.body, VALUES | {"Transaction Name": "Other"})
    assert DESIGN.parse(other).key != DESIGN.parse(body).key
