"""Details of an operation: members, types, basis and secrets of each that the schemas describe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from esignwire.cli.catalogue import described_operations
from esignwire.cli.details import DescribedMember, operation_details


def members(one: DescribedMember) -> Iterator[DescribedMember]:
    yield one
    for inner in one.members:
        yield from members(inner)


def by_name(one: DescribedMember) -> dict[str, DescribedMember]:
    return {each.name: each for each in members(one)}


@pytest.mark.parametrize("name", ["CheckStatus", "check_status", "checkstatus"])
def test_an_operation_of_assuresign(name: str) -> None:
    (found,) = operation_details(name)
    assert (found.operation.vendor, found.operation.is_safe) == ("assuresign", True)
    assert (found.request.name, found.answer.name) == ("CheckStatus", "CheckStatusResponse")
    sent = by_name(found.request)
    key = sent["@ContextIdentifier"]
    assert (key.type, key.occurs, key.basis, key.is_secret) == ("guid", "1", "documented", True)
    assert not sent["@Id"].is_secret
    severity = by_name(found.answer)["@Severity"]
    assert severity.values == ("Warning", "Error", "Fatal")


def test_inherited_members_and_texts_are_shown() -> None:
    (found,) = operation_details("RetrieveTemplateInfo")
    derived = by_name(found.answer)["TypedParameterInfo"]
    names = [one.name for one in derived.members]
    # The members of the base come first, as XML Schema orders them.
    assert names.index("@Prompt") < names.index("@Regex")
    text = by_name(found.answer)["TemplateInfoException"].members[0]
    assert (text.name, text.type) == ("text", "string")


def test_an_operation_of_signix() -> None:
    (found,) = operation_details("SubmitDocument")
    sent = by_name(found.request)
    assert sent["Pswd"].is_secret
    assert sent["SSN"].basis is not None
    assert (sent["Form"].occurs, sent["BillingRef"].basis) == ("1..*", "inferred")


def test_an_operation_of_constellation1() -> None:
    (found,) = operation_details("GetSession")
    assert [one.name for one in found.request.members] == ["sessionId"]
    answer = by_name(found.answer)
    assert "SigningSessionId" in answer
    (found,) = operation_details("create_session")
    sent = by_name(found.request)
    assert (sent["Title"].occurs, sent["Title"].type) == ("1", "str")
    assert sent["Password"].is_secret
    # Known otherwise than what holds it.
    assert (sent["SessionInfo"].basis, sent["Title"].basis) == ("inferred", "documented")
    assert set(sent["UseSequence"].values) >= {"0", "1"}


def test_every_operation_is_described() -> None:
    for one in described_operations():
        found = [each for each in operation_details(one.operation) if each.operation == one]
        (details,) = found
        assert details.request.name
        assert details.answer.name


def test_an_unknown_operation() -> None:
    assert operation_details("Nothing") == ()
