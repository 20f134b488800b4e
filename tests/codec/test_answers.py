"""Results of lists, matched to their questions, over HTTP."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest

from esignwire.assuresign import (
    Accepted,
    DocumentReference,
    Refused,
    Unanswered,
    exceptions_of,
)
from esignwire.errors import AssureSignError, UnexpectedResponse
from tests.support.assuresign import ACCOUNT, KINDS, SERVICES, TOKEN, Kind, scripted, soap

A, B, C = (str(uuid.UUID(int=number)) for number in (10, 11, 12))
each_kind = pytest.mark.parametrize("kind", KINDS)


def handle(document: str) -> DocumentReference:
    return DocumentReference(id=document, auth_token=TOKEN)


def cancelled(*results: tuple[str, str | None]) -> bytes:
    """An answer of Cancel: each result's Id, and the severity of its exception."""
    content = "".join(
        f'<DocumentCancellationResult Id="{document}">'
        + (
            ""
            if severity is None
            else f'<Exceptions><CancellationException Severity="{severity}">So it is.'
            "</CancellationException></Exceptions>"
        )
        + "</DocumentCancellationResult>"
        for document, severity in results
    )
    return soap(
        f'<CancelResponse xmlns="{SERVICES}/Cancel"><DocumentCancellationResults>{content}'
        "</DocumentCancellationResults></CancelResponse>"
    )


def told(outcomes: list[Any]) -> list[tuple[type, str | None]]:
    return [
        (type(one), None if isinstance(one, Unanswered) else str(one.result.id)) for one in outcomes
    ]


@each_kind
def test_results_are_found_by_their_key(kind: Kind) -> None:
    answer = cancelled((C, "Warning"), (A, "Error"), (str(uuid.UUID(int=99)), None))
    with scripted(kind, answer) as (client, _):
        outcomes = client.cancel_all([handle(A), handle(B), handle(C)])
    assert told(outcomes) == [(Refused, A), (Unanswered, None), (Accepted, C)]
    refused, unanswered, _ = outcomes
    assert isinstance(refused.error, AssureSignError)
    assert refused.error.exceptions == (("Error", "So it is."),)
    assert refused.error.vendor_text == "So it is."
    assert refused.error.http_status == 200
    assert "question 1" in str(unanswered.error)
    assert "look the outcome up" in str(unanswered.error)
    assert not unanswered.error.is_retry_safe
    for outcome, kind_of_error in ((refused, AssureSignError), (unanswered, UnexpectedResponse)):
        with pytest.raises(kind_of_error):
            outcome.require()


@each_kind
def test_questions_alike_take_their_results_in_turn(kind: Kind) -> None:
    with scripted(kind, cancelled((A, None), (A, "Fatal"))) as (client, _):
        assert told(client.cancel_all([handle(A)] * 2)) == [(Accepted, A), (Refused, A)]
        assert told(client.cancel_all([handle(A)] * 3))[2] == (Refused, A)


@each_kind
def test_a_refusal_beside_a_result_of_the_same_question_counts(kind: Kind) -> None:
    for severities in ((None, "Error"), ("Error", None), ("Warning", None, "Fatal")):
        with scripted(kind, cancelled(*((A, one) for one in severities), (B, None))) as (client, _):
            assert told(client.cancel_all([handle(A), handle(B)])) == [(Refused, A), (Accepted, B)]
            with pytest.raises(AssureSignError):
                client.cancel(handle(A))


@each_kind
def test_a_result_without_a_key_agrees_with_any_question(kind: Kind) -> None:
    refused = '<Exceptions><EnvelopeException Severity="Error">No.</EnvelopeException></Exceptions>'
    answer = soap(
        f'<DeleteEnvelopeResponse xmlns="{SERVICES}/Envelopes"><DeleteEnvelopeResult>'
        f'<DeleteEnvelopeResult Success="false">{refused}</DeleteEnvelopeResult>'
        f'<DeleteEnvelopeResult Success="true" DocumentId="{B}" EnvelopeId="{C}"/>'
        "</DeleteEnvelopeResult></DeleteEnvelopeResponse>"
    )
    with scripted(kind, answer) as (client, _):
        outcomes = client.delete_envelope_all([{"document": handle(A)}, {"envelope": handle(C)}])
    assert [type(one) for one in outcomes] == [Refused, Accepted]


@each_kind
def test_where_the_one_result_is_missing_it_says_what_to_look_up(kind: Kind) -> None:
    empty = soap(f'<CreateEnvelopeResponse xmlns="{SERVICES}/Envelopes"/>')
    with (
        scripted(kind, empty) as (client, server),
        pytest.raises(UnexpectedResponse, match="look the outcome up by 'seven'") as caught,
    ):
        client.create_envelope(envelope_order_number="seven")
    assert caught.value.http_status == 200
    assert not caught.value.is_retry_safe
    assert len(server.received) == 1
    with (
        scripted(kind, soap(f'<PingResponse xmlns="{SERVICES}/Ping"/>')) as (client, _),
        pytest.raises(UnexpectedResponse) as caught,
    ):
        client.ping()
    assert caught.value.is_retry_safe


@each_kind
def test_a_second_result_hides_no_refusal(kind: Kind) -> None:
    first = f'<CancelEnvelopeResult EnvelopeId="{A}"/>'
    refused = '<EnvelopeException Severity="Error">No.</EnvelopeException>'
    second = f'<CancelEnvelopeResult EnvelopeId="{A}"><Exceptions>{refused}</Exceptions>'
    answer = soap(
        f'<CancelEnvelopeResponse xmlns="{SERVICES}/Envelopes">{first}{second}'
        "</CancelEnvelopeResult></CancelEnvelopeResponse>"
    )
    with scripted(kind, answer) as (client, _), pytest.raises(UnexpectedResponse, match="twice"):
        client.cancel_envelope(envelope=handle(A))


@each_kind
def test_what_the_vendor_says_shows_no_secret_of_the_request(kind: Kind) -> None:
    encoded = base64.b64encode(f"token={TOKEN};".encode()).decode()
    answer = soap(
        f'<CancelResponse xmlns="{SERVICES}/Cancel"><DocumentCancellationResults>'
        f'<DocumentCancellationResult Id="{A}"><Exceptions><CancellationException'
        f' Severity="Warning">{TOKEN.upper()} of {ACCOUNT}, {encoded}</CancellationException>'
        "</Exceptions></DocumentCancellationResult></DocumentCancellationResults></CancelResponse>"
    )
    with scripted(kind, answer) as (client, _):
        (outcome,) = client.cancel_all([handle(A)])
    (said,) = exceptions_of(outcome.result)
    assert said.text.startswith("*** of ***, ")
    for shown in (repr(outcome), said.text):
        for secret in (TOKEN, ACCOUNT, encoded[12:-4]):
            assert secret.lower() not in shown.lower()


@each_kind
def test_a_question_without_a_result_is_no_success(kind: Kind) -> None:
    for answer in (
        cancelled(),
        cancelled((B, None)),
        soap(f'<CancelResponse xmlns="{SERVICES}/Cancel"/>'),
    ):
        with scripted(kind, answer) as (client, _):
            with pytest.raises(UnexpectedResponse, match="holds no result"):
                client.cancel(handle(A))
            assert told(client.cancel_all([handle(A)])) == [(Unanswered, None)]


@each_kind
def test_a_key_of_several_members_tells_questions_apart(kind: Kind) -> None:
    content = "".join(
        f'<SignatoryUpdateResult Id="{A}" Success="{success}" {key}="{value}"/>'
        for success, key, value in (
            ("true", "SignatoryEmail", "b@example.com"),
            ("false", "SignatoryEmail", "a@example.com"),
            ("true", "SignatoryId", B),
        )
    )
    answer = soap(
        f'<UpdateSignatoryResponse xmlns="{SERVICES}/UpdateSignatory"><SignatoryUpdateResults>'
        f"{content}</SignatoryUpdateResults></UpdateSignatoryResponse>"
    )
    with scripted(kind, answer) as (client, _):
        outcomes = client.update_signatory_all(
            [
                {"document": handle(A), "signatory_email": "a@example.com"},
                {"document": handle(A), "signatory_email": "b@example.com"},
                {"document": handle(A), "signatory_id": B},
            ],
            resend_last_email=True,
        )
    assert [type(one) for one in outcomes] == [Refused, Accepted, Accepted]
    assert "without a reason" in str(outcomes[0].error)
    assert str(outcomes[2].result.signatory_id) == B
