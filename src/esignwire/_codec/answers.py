"""Answers of the clients' methods: the one result, or one outcome for each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, Never, TypeAlias, TypeVar

from esignwire._call import unexpected
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


def result_of(answered: Answered[object], result: _Result | None) -> _Result:
    """The one result of an answer, where the answer holds one.

    Raises:
        UnexpectedResponse: There is none.
    """
    if result is None:
        raise _left_out(answered)
    return result


def one_result(
    caller: Refusing,
    answered: Answered[object],
    questions: Sequence[object],
    results: Sequence[_Result],
    keys: Keys,
) -> _Result:
    """The result of the only question; see ``results_of``.

    Raises:
        VendorError: The vendor refused what was asked.
        UnexpectedResponse: The answer leaves the question out.
    """
    return results_of(caller, answered, questions, results, keys)[0].require()


def results_of(
    caller: Refusing,
    answered: Answered[object],
    questions: Sequence[object],
    results: Sequence[_Result],
    keys: Keys,
) -> list[Outcome[_Result]]:
    """Finds the result of each question: one outcome a question, in the order of the questions.

    ``keys`` say how the two match: the places in a question of which the first that has a value
    counts, and the member of the result. A result without a value agrees with any question. Without
    keys the order counts, if there are as many results as questions.
    """
    found = _by_order(questions, results) if not keys else _by_keys(questions, results, keys)
    outcomes: list[Outcome[_Result]] = []
    for place, several in enumerate(found):
        if not several:
            outcomes.append(Unanswered(_left_out(answered, place, len(questions))))
            continue
        judged = ((caller.refusal(answered, one), one) for one in several)
        refused = next(((error, one) for error, one in judged if error is not None), None)
        outcomes.append(Accepted(several[0]) if refused is None else Refused(*refused))
    return outcomes


def _by_order(questions: Sequence[object], results: Sequence[_Result]) -> list[list[_Result]]:
    if len(results) != len(questions):
        return [[] for _ in questions]
    return [[result] for result in results]


def _by_keys(
    questions: Sequence[object], results: Sequence[_Result], keys: Keys
) -> list[list[_Result]]:
    # By the first key, so that a thousand questions are not compared with a thousand results each.
    groups: dict[object, list[tuple[tuple[object, ...], _Result]]] = {}
    read = [attrgetter(name) for _, name in keys]
    for result in results:
        values = tuple(one(result) for one in read)
        groups.setdefault(values[0], []).append((values, result))
    agreeing: list[list[_Result]] = []
    for question in questions:
        asked = [_first_of(question, places) for places, _ in keys]
        near = groups.keys() if asked[0] is None else {asked[0]: None, None: None}
        agreeing.append(
            [
                result
                for key in near
                for values, result in groups.get(key, ())
                if _agree(asked, values)
            ]
        )
    chosen: list[_Result | None] = []
    taken: set[int] = set()
    for several in agreeing:
        # Two questions alike take two results in their order, or share one.
        free = [one for one in several if id(one) not in taken]
        chosen.append(free[0] if free else [None, *several][-1])
        taken.add(id(chosen[-1]))
    # What no question took stands beside a result that agrees with it: it may be a refusal.
    return [
        [] if result is None else [result, *(one for one in several if id(one) not in taken)]
        for result, several in zip(chosen, agreeing, strict=True)
    ]


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


def _left_out(answered: Answered[object], place: int = 0, count: int = 1) -> UnexpectedResponse:
    which = "" if count == 1 else f" to question {place}"
    call = answered.call
    path = f"{call.operation}Response"
    return unexpected(f"the answer holds no result{which}", path, call, answered.http_status)
