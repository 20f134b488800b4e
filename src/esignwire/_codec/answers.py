"""Answers of the clients' methods: the one result, or one outcome for each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, Never, TypeAlias, TypeVar

from esignwire._codec.arguments import Given
from esignwire._codec.operations import Answered, Refusing
from esignwire.errors import UnexpectedResponse, VendorError

__all__ = ["Accepted", "Outcome", "Refused", "Unanswered", "one_result", "result_of", "results_of"]

_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)

Keys: TypeAlias = tuple[tuple[tuple[str, ...], str], ...]


# Without slots: with them, Python 3.11 cannot make a frozen one as Accepted[int](...).
@dataclass(frozen=True)
class Accepted(Generic[_Result_co]):
    """A question that the vendor answered, and did what was asked.

    Attributes:
        result: The vendor's result. It may hold warnings.
    """

    result: _Result_co

    def require(self) -> _Result_co:
        """Returns the result."""
        return self.result


@dataclass(frozen=True)
class Refused(Generic[_Result_co]):
    """A question that the vendor refused.

    Attributes:
        error: Why, in the vendor's words.
        result: The vendor's result.
    """

    error: VendorError
    result: _Result_co

    def require(self) -> Never:
        """Raises the error."""
        raise self.error


@dataclass(frozen=True)
class Unanswered:
    """A question that the vendor's answer leaves out.

    Attributes:
        error: What to do. Unless the call only reads, the vendor may have acted.
    """

    error: UnexpectedResponse

    def require(self) -> Never:
        """Raises the error."""
        raise self.error


Outcome: TypeAlias = Accepted[_Result] | Refused[_Result] | Unanswered
"""What became of one question."""


def result_of(result: _Result | None, given: Given) -> _Result:
    """The one result of an answer.

    Args:
        result: The result, where the answer holds one.
        given: The call.

    Returns:
        The result.

    Raises:
        UnexpectedResponse: There is none.
    """
    if result is None:
        raise UnexpectedResponse(
            "the answer holds no result",
            path=f"{given.operation}Response",
            vendor=given.vendor,
            operation=given.operation,
        )
    return result


def one_result(
    caller: Refusing,
    answered: Answered[object],
    questions: Sequence[object],
    results: Sequence[_Result],
    keys: Keys,
    given: Given,
) -> _Result:
    """The result of the only question; see ``results_of``.

    Returns:
        The result.

    Raises:
        VendorError: The vendor refused what was asked.
        UnexpectedResponse: The answer leaves the question out.
    """
    return results_of(caller, answered, questions, results, keys, given)[0].require()


def results_of(
    caller: Refusing,
    answered: Answered[object],
    questions: Sequence[object],
    results: Sequence[_Result],
    keys: Keys,
    given: Given,
) -> list[Outcome[_Result]]:
    """Finds the result of each question.

    Args:
        caller: What carried the call; it tells a refusal.
        answered: The answer.
        questions: The questions that were sent.
        results: The results that came.
        keys: How they match: the places in a question of which the first that has a value counts,
            and the member of the result. A result without a value agrees with any question. Without
            keys the order counts, if there are as many results as questions.
        given: The call.

    Returns:
        One outcome a question, in the order of the questions.
    """
    found = _by_order(questions, results) if not keys else _by_keys(questions, results, keys)
    outcomes: list[Outcome[_Result]] = []
    for place, result in enumerate(found):
        if result is None:
            outcomes.append(Unanswered(_left_out(answered, place, len(questions), given)))
            continue
        error = caller.refusal(answered, result)
        outcomes.append(Accepted(result) if error is None else Refused(error, result))
    return outcomes


def _by_order(questions: Sequence[object], results: Sequence[_Result]) -> Sequence[_Result | None]:
    return results if len(results) == len(questions) else [None] * len(questions)


def _by_keys(
    questions: Sequence[object], results: Sequence[_Result], keys: Keys
) -> list[_Result | None]:
    # By the first key, so that a thousand questions are not compared with a thousand results each.
    groups: dict[object, list[tuple[tuple[object, ...], _Result]]] = {}
    read = [attrgetter(name) for _, name in keys]
    for result in results:
        values = tuple(one(result) for one in read)
        groups.setdefault(values[0], []).append((values, result))
    found: list[_Result | None] = []
    taken: set[int] = set()
    for question in questions:
        asked = [_first_of(question, places) for places, _ in keys]
        agreeing = [result for values, result in groups.get(asked[0], []) if _agree(asked, values)]
        # Two questions alike take two results in their order, or share one.
        chosen = next((one for one in agreeing if id(one) not in taken), None)
        if chosen is None and agreeing:
            chosen = agreeing[-1]
        taken.add(id(chosen))
        found.append(chosen)
    return found


def _first_of(question: object, places: tuple[str, ...]) -> object:
    for place in places:
        value: object = question
        for name in place.split("."):
            value = getattr(value, name, None)
        if value is not None:
            return value
    return None


def _agree(asked: Sequence[object], values: Sequence[object]) -> bool:
    return all(
        one is None or other is None or one == other
        for one, other in zip(asked, values, strict=True)
    )


def _left_out(
    answered: Answered[object], place: int, count: int, given: Given
) -> UnexpectedResponse:
    which = "" if count == 1 else f" to question {place}"
    advice = (
        "ask again"
        if answered.call.is_safe
        else "the vendor may have acted, so look the outcome up before you repeat the call"
    )
    return UnexpectedResponse(
        f"the answer holds no result{which}: {advice}",
        path=f"{given.operation}Response",
        vendor=given.vendor,
        operation=given.operation,
        http_status=answered.http_status,
        is_retry_safe=answered.call.is_safe,
    )
