"""What is said about answers, and what is never claimed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from esignwire.errors import InvalidRequest, SignixError, UnexpectedResponse
from esignwire.signix import (
    Failed,
    NotRun,
    RawCommand,
    RolledBack,
    Succeeded,
    TransactionSaveDeltas,
    TransactionSuspend,
    TransactionWarning,
    require_succeeded,
)
from tests.support.hostile import answer, hostile
from tests.support.signix import (
    DOCUMENT_SET_ID,
    KINDS,
    NAMESPACE,
    PASSWORD,
    Kind,
    drive,
    message,
    multi,
    pickled,
    single,
)

SUSPENDED = "This transaction has already been suspended and cannot be suspended again."
WARNINGS = [
    (SUSPENDED, TransactionWarning.ALREADY_SUSPENDED),
    (
        "This transaction has already been completed and cannot be suspended.",
        TransactionWarning.ALREADY_COMPLETED,
    ),
    (
        "This transaction has already been completed and cannot be resumed.",
        TransactionWarning.ALREADY_COMPLETED,
    ),
    (
        "This transaction has already been completed and cannot be cancelled.",
        TransactionWarning.ALREADY_COMPLETED,
    ),
    ("This transaction has expired and cannot be cancelled.", TransactionWarning.EXPIRED),
    (
        "This transaction has cancelled and cannot be cancelled.",
        TransactionWarning.ALREADY_CANCELLED,
    ),
]
THREE = [
    TransactionSaveDeltas.change_email("REF1", "one@example.com"),
    TransactionSaveDeltas.change_mobile_number("REF2", "2025550123"),
    RawCommand({"objectType": "Transaction_Other"}),
]
OK = (0, '{"ok":true}')


def run(kind: Kind, content: bytes, command: Any = None) -> Any:
    """Runs one command against a server that answers so."""
    with hostile(answer(content)) as server:
        return drive(
            kind,
            server.url,
            lambda c: c.transaction(document_set_id=DOCUMENT_SET_ID).run(
                command or TransactionSuspend()
            ),
        )


def run_all(kind: Kind, content: bytes) -> Any:
    """Runs three commands against a server that answers so."""
    with hostile(answer(content)) as server:
        return drive(
            kind,
            server.url,
            lambda c: c.transaction(document_set_id=DOCUMENT_SET_ID).run_all(THREE),
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "is_json"),
    [
        ('{"objectType":"Anything","value":[1,null]}', True),
        ('{"error":null,"errors":[],"exception":false,"success":true,"statusCode":0}', True),
        ('{"error":"false","errors":"0","exception":" None ","success":"true"}', True),
        ("[]", True),
        ('"done"', True),
        ('{"errorCode":0,"ok":true,"result":"done","objectType":"Terror"}', True),
        ("null", True),
        ("12", True),
        ("done, no error at all", False),
        ("{'objectType':'Transaction_Suspend'", False),
        ('{"a":NaN}', False),
        ("[" * 100_000, False),
        ('{"a":' * 500 + "1" + "}" * 500, False),
        ("1" * 5000, False),
        ('"\\ud800"', False),
    ],
)
def test_a_success_keeps_the_answer_as_it_came(kind: Kind, text: str, is_json: bool) -> None:
    outcome = run(kind, single(text))
    assert isinstance(outcome, Succeeded)
    assert outcome.warning is None
    assert outcome.warning_text is None
    assert outcome.reply is not None
    assert outcome.reply.raw == text
    assert outcome.reply.is_json is is_json
    assert outcome.reply.json == (json.loads(text) if is_json else None)
    assert require_succeeded(outcome) is outcome
    assert pickled(outcome) == outcome == copy.deepcopy(outcome)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"error":"no such party"}', "no such party"),
        ('{"Error":{"code":7}}', '{"Error":{"code":7}}'),
        ('{"Error":{"code":7,"text":"no such party"}}', "no such party"),
        ('{"errors":["a","b"]}', "a; b"),
        ('{"exception":"java.lang.X"}', "java.lang.X"),
        ('{"error":null,"Error":"a"}', "a"),
        ('{"success":false}', '{"success":false}'),
        ('{"success":"False"}', '{"success":"False"}'),
        ('{"success":0}', '{"success":0}'),
        ('{"success":false,"success":true}', '{"success":false,"success":true}'),
        ('{"status":"ERROR"}', '{"status":"ERROR"}'),
        ('{"status":false}', '{"status":false}'),
        ('{"status":"failed","message":"a"}', "a"),
        ('{"statusCode":2}', '{"statusCode":2}'),
        ('{"statusCode":2.0,"statusMessage":"no"}', "no"),
        ('{"statusCode":"2.0"}', '{"statusCode":"2.0"}'),
        ('{"statusCode":-1}', '{"statusCode":-1}'),
        ('{"statusCode":1e12}', '{"statusCode":1e12}'),
        ('{"statusCode":123456789012345678901}', '{"statusCode":123456789012345678901}'),
        ('{"StatusCode":"101"}', '{"StatusCode":"101"}'),
        ('{"responseCode":100}', '{"responseCode":100}'),
        ('{"objectType":"ErrorResponse"}', '{"objectType":"ErrorResponse"}'),
        ('{"objectType":"Transaction_Exception"}', '{"objectType":"Transaction_Exception"}'),
        ('[{"ok":1},{"error":"a"}]', "a"),
        ('"Error: no such party"', "Error: no such party"),
        ("Error: no such party", "Error: no such party"),
        ("  exception in thread", "exception in thread"),
        ("false", "false"),
        ("java.lang.NullPointerException: no", "java.lang.NullPointerException: no"),
        ("failed", "failed"),
        ('{"is_error":true,"message":"a"}', "a"),
        ('{"error_description":"no such party"}', "no such party"),
        ("<error>nothing done</error>", "<error>nothing done</error>"),
        ('{"errorMessage":"no such party"}', "no such party"),
        ('{"errorCode":7}', '{"errorCode":7}'),
        ('{"fault":{"reason":"a"}}', "a"),
        ('{"ok":false}', '{"ok":false}'),
        ('{"result":"Failed"}', '{"result":"Failed"}'),
        ('{"objectType":"error"}', '{"objectType":"error"}'),
        ("<!DOCTYPE html><p>502</p>", "<!DOCTYPE html><p>502</p>"),
        ("\n<HTML><p>502</p>", "<HTML><p>502</p>"),
        # What no reader takes for JSON, and what names an error all the same.
        ('{"error":"no such party \\ud800"}', "no such party \\ud800"),
        ('{"objectType":"Error","statusCode":2,"message":"cut', "cut"),
        ('{"status":"error",}', '{"status":"error",}'),
        ("{'error':'no such party'}", "no such party"),
        ("{error: refused}", "refused"),
        ('["error"', '["error"'),
        ('{"a":NaN,"errors":["x"]}', "x"),
        ('{"a":1,"errors":[{"message":"x"', "x"),
    ],
)
def test_an_evident_error_in_the_answer_is_no_success(text: str, words: str) -> None:
    outcome = run("sync", single(text))
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.text) == (0, words)
    assert outcome.reply is not None
    assert outcome.reply.raw == text
    with pytest.raises(SignixError, match="Transaction_Suspend failed: ") as raised:
        require_succeeded(outcome)
    assert raised.value.vendor_text == words


@pytest.mark.parametrize(
    "text", ['{"message":"fine, error: none","broken":', '{"errors":[],}', "{'statusCode':1", "{}}"]
)
def test_broken_json_without_an_error_is_the_success_that_the_status_says(text: str) -> None:
    outcome = run("sync", single(text))
    assert isinstance(outcome, Succeeded)
    assert outcome.reply is not None
    assert not outcome.reply.is_json


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_an_empty_reply_tells_nothing(text: str) -> None:
    with pytest.raises(UnexpectedResponse, match=r"is empty.*look the transaction up"):
        run("sync", single(text))


@pytest.mark.parametrize(
    ("description", "json_text", "words"),
    [
        ("success", '{"error":"no such party"}', "no such party"),
        ("error", '{"statusMessage":"no such party"}', "error: no such party"),
        ("no such party here", '{"error":"no such party"}', "no such party here"),
        ("refused", '{"code":7}', "refused"),
        ("success", '{"code":7}', '{"code":7}'),
        ("success", f'{{"error":"{PASSWORD} is wrong"}}', "*** is wrong"),
    ],
)
def test_a_failure_says_what_the_json_says(description: str, json_text: str, words: str) -> None:
    failure = run_all("sync", multi((2, json_text, description), code=2))[0]
    assert isinstance(failure, Failed)
    assert failure.text == words
    outcome = run("sync", single(json_text, 2, description))
    assert outcome.text == words
    with pytest.raises(SignixError) as raised:
        require_succeeded(outcome)
    assert words in str(raised.value)


def test_the_words_of_a_failure_are_bounded() -> None:
    outcome = run("sync", single(json.dumps({"error": "x" * 20_000})))
    assert outcome.text == "x" * 1000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("text", "warning"), WARNINGS)
def test_a_warning_is_known_wherever_it_stands(
    kind: Kind, text: str, warning: TransactionWarning
) -> None:
    answers = [
        (single("{}", 1, text), text),
        (single(None, 1, text), text),
        (single("{}", 0, f'"{text.upper()}"'), f'"{text.upper()}"'),
        (single(json.dumps({"a": [{"message": text}], "b": 1}), 1, "success"), text),
        (single(json.dumps({"statusCode": 1, "m": f"\u201c{text}\u201d"})), f"\u201c{text}\u201d"),
        (single(f"\u201c{text}", 0), f"\u201c{text}"),
        (single(text.replace(" ", "\n "), 0), text.replace(" ", "\n ")),
    ]
    for content, verbatim in answers:
        outcome = run(kind, content)
        assert isinstance(outcome, Succeeded), content
        assert outcome.warning is warning
        assert outcome.warning_text == verbatim


def test_an_unknown_warning_is_kept_in_the_vendors_words() -> None:
    outcome = run("sync", single("{}", 1, "it rains"))
    assert isinstance(outcome, Succeeded)
    assert (outcome.warning, outcome.warning_text) == (TransactionWarning.OTHER, "it rains")


def test_an_error_outweighs_a_status_of_warning_that_says_nothing() -> None:
    outcome = run("sync", single('{"error":"no such party"}', 1, "see data"))
    assert isinstance(outcome, Failed)
    outcome = run("sync", single(json.dumps({"error": SUSPENDED})))
    assert isinstance(outcome, Failed)
    assert outcome.warning is TransactionWarning.ALREADY_SUSPENDED
    outcome = run("sync", single(json.dumps({"success": False, "m": SUSPENDED}), 1, "warning"))
    assert isinstance(outcome, Succeeded)
    assert outcome.warning is TransactionWarning.ALREADY_SUSPENDED


@pytest.mark.parametrize("text", ["{}", None])
def test_a_single_command_with_status_2_failed(text: str | None) -> None:
    outcome = run("sync", single(text, 2, "partial"))
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.text) == (2, "partial")
    assert (outcome.reply is None) is (text is None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", [100, 101, 109, 5000, 3, 99, -1])
def test_a_status_that_is_no_success_is_raised(kind: Kind, code: int) -> None:
    for act, content in ((run, single(None, code, "no <b>")), (run_all, single("{}", code, None))):
        with pytest.raises(SignixError) as raised:
            act(kind, content)
        assert raised.value.vendor_code == str(code)
        assert raised.value.vendor_text == ("no <b>" if act is run else None)
        assert raised.value.operation == "SubmitAjax"
        assert raised.value.http_status == 200
        assert ("Nothing was done" in str(raised.value)) is (code >= 100)
        assert ("breaks the vendor's own schema" in str(raised.value)) is (code == 101)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        single(None),
        message("SubmitAjax", ""),
        multi(OK),
        multi(OK, code=1),
        multi(OK, code=2),
    ],
)
def test_a_single_answer_that_says_nothing_is_no_success(kind: Kind, content: bytes) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        run(kind, content)
    assert raised.value.path
    assert not raised.value.is_retry_safe


@pytest.mark.parametrize("kind", KINDS)
def test_all_succeeded(kind: Kind) -> None:
    outcomes = run_all(kind, multi((0, "not JSON"), OK, (0, "")))
    assert [type(outcome) for outcome in outcomes] == [Succeeded] * 3
    assert [outcome.command for outcome in outcomes] == THREE
    assert [outcome.reply.raw for outcome in outcomes] == ["not JSON", '{"ok":true}', ""]
    assert [outcome.warning for outcome in outcomes] == [None] * 3


@pytest.mark.parametrize("text", ['{"error":"a"}', "false", '{"statusCode":2.0}', '{"error":"a"'])
def test_a_command_of_several_whose_json_tells_of_an_error_failed(text: str) -> None:
    outcomes = run_all("sync", multi(OK, (0, text), OK))
    assert [type(outcome) for outcome in outcomes] == [Succeeded, Failed, Succeeded]
    assert outcomes[1].code == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("failed_code", [2, 100, 5000])
@pytest.mark.parametrize("failed", [1, 2, 3])
def test_what_precedes_a_failure_is_rolled_back(kind: Kind, failed_code: int, failed: int) -> None:
    refusal = (failed_code, '{"why":"no such party"}', 'no "party"')
    outcomes = run_all(kind, multi(*[OK] * (failed - 1), refusal, code=2, text="partial"))
    assert [outcome.command for outcome in outcomes] == THREE
    kinds = [RolledBack] * (failed - 1) + [Failed] + [NotRun] * (3 - failed)
    assert [type(outcome) for outcome in outcomes] == kinds
    failure = outcomes[failed - 1]
    assert (failure.code, failure.text, failure.warning) == (failed_code, 'no "party"', None)
    assert failure.reply.json == {"why": "no such party"}
    assert all(one.reply.json == {"ok": True} for one in outcomes[: failed - 1])
    for outcome in outcomes:
        with pytest.raises(SignixError, match=r"failed|rolled back|not run"):
            require_succeeded(outcome)
        assert pickled(outcome) == outcome


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_repeats_no_password(kind: Kind) -> None:
    words = f"{PASSWORD} is not the password"
    outcomes = [
        run(kind, single(None, 2, words)),
        run(kind, single("{}", 1, words)),
        *run_all(kind, multi(OK, (2, "{}", words), code=2, text=words)),
    ]
    told = repr(outcomes)
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            with pytest.raises(SignixError) as raised:
                require_succeeded(outcome)
            told += f"{raised.value} {vars(raised.value)}"
    assert told.count("*** is not the password") == 9
    assert PASSWORD not in told


def test_a_failure_names_the_state_that_stands_in_the_way() -> None:
    outcomes = run_all("sync", multi((2, json.dumps({"m": SUSPENDED})), code=2))
    assert outcomes[0].warning is TransactionWarning.ALREADY_SUSPENDED


def test_warnings_of_a_batch() -> None:
    own = (1, "{}", "it rains")
    outcomes = run_all("sync", multi(OK, own, (0, json.dumps([SUSPENDED])), code=1, text="w"))
    assert [type(outcome) for outcome in outcomes] == [Succeeded] * 3
    assert [outcome.warning for outcome in outcomes] == [
        None,
        TransactionWarning.OTHER,
        TransactionWarning.ALREADY_SUSPENDED,
    ]
    assert outcomes[1].warning_text == "it rains"
    # Said of all of them: nobody knows which is meant.
    outcomes = run_all("sync", multi(OK, OK, OK, code=1, text=SUSPENDED))
    assert {outcome.warning_text for outcome in outcomes} == {SUSPENDED}
    outcomes = run_all("sync", multi(OK, OK, OK, code=1, text="it rains"))
    assert {outcome.warning for outcome in outcomes} == {TransactionWarning.OTHER}


FAILURE = (2, "{}", "no")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        # Success, and not everything is answered, or more than was asked.
        multi(OK, OK),
        multi(OK, OK, OK, OK),
        multi(OK, OK, code=1),
        message("SubmitAjax", "<Responses/>"),
        message("SubmitAjax", "<Responses/>", 2),
        message("SubmitAjax", None),
        message("SubmitAjax", ""),
        single("{}"),
        single("{}", 1),
        # Success, and an answer says otherwise.
        multi(OK, FAILURE, OK),
        multi(OK, OK, FAILURE),
        multi(OK, FAILURE, OK, code=1),
        multi(OK, (100, "{}"), OK),
        # A failure that nobody had, or more than one.
        multi(OK, OK, OK, code=2),
        multi(OK, code=2),
        multi(FAILURE, OK, code=2),
        multi(FAILURE, FAILURE, code=2),
        multi(OK, OK, OK, FAILURE, code=2),
        message("SubmitAjax", None, 2),
        single("{}", 2),
        # A response that does not say how it went.
        multi(OK, (None, "{}"), OK),
        multi(OK, ("", "{}"), OK),
        multi(OK, ("ok", "{}"), OK),
        multi((None, "{}"), code=2),
        # No status, or none that can be read.
        message("SubmitAjax", "<Responses/>", ""),
        message("SubmitAjax", "<Responses/>", "zero"),
        message("SubmitAjax", "<Responses/>", "0.0"),
        f'<SubmitAjaxRs xmlns="{NAMESPACE}"/>'.encode(),
        f'<SubmitAjaxRs xmlns="{NAMESPACE}"><Status/></SubmitAjaxRs>'.encode(),
    ],
)
def test_a_batch_that_contradicts_itself_is_no_success(kind: Kind, content: bytes) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        run_all(kind, content)
    assert raised.value.vendor == "SIGNiX"
    assert raised.value.operation == "SubmitAjax"
    assert raised.value.path
    assert not raised.value.is_retry_safe


@pytest.mark.parametrize("outcome", [None, (), [], "Succeeded"])
def test_what_is_no_outcome(outcome: Any) -> None:
    with pytest.raises(InvalidRequest, match="must be the outcome of one command"):
        require_succeeded(outcome)
