"""Shapes of AssureSign's operations: one question, many questions, or managing with a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from esignwire.emulator._wire import Element, truth
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.directory import Account
from esignwire.emulator.shared import NotPossible

__all__ = ["Answer", "Attributes", "Each", "Manage", "One", "Operation"]

Attributes: TypeAlias = Mapping[str, str | None]
Operation: TypeAlias = Callable[[Context, Element], Element]


@dataclass(frozen=True, slots=True)
class Answer:
    """The content and the attributes of a result, besides those that echo the question."""

    content: Sequence[Element] = ()
    attributes: Attributes = field(default_factory=dict[str, str | None])


def _nothing(context: Context, question: Element) -> Attributes:  # noqa: ARG001  # an echo
    return {}


@dataclass(frozen=True, slots=True)
class One:
    """An operation that asks one question. A message without it has an empty response.

    Args:
        question: The name of the question's element.
        result: The name of the result's element.
        exception: The name of the items of Exceptions.
        play: Answers the question, or raises ``NotPossible``.
        echo: Tells the attributes that a result has in any case.
        refused: The attributes that the schema demands of a refusal.
        is_exception_first: Whether Exceptions stand before what else the result holds.
    """

    question: str
    result: str
    exception: str
    play: Callable[[Context, Element], Answer]
    echo: Callable[[Context, Element], Attributes] = _nothing
    refused: Attributes = field(default_factory=dict[str, str | None])
    is_exception_first: bool = False

    def __call__(self, context: Context, request: Element) -> Element:
        """Play the operation."""
        question = context.words.child(request, self.question)
        if question is None:
            return context.response()
        return context.response(self.answer(context, question))

    def answer(self, context: Context, question: Element) -> Element:
        """Make the result of a question."""
        echoed = self.echo(context, question)
        try:
            context.check_ordered()
            answer = self.play(context, question)
        except NotPossible as refusal:
            answer = Answer(context.exceptions(self.exception, [str(refusal)]), self.refused)
            content = answer.content
        else:
            warnings = context.exceptions(self.exception, context.warnings, "Warning")
            content = [*warnings, *answer.content]
            if not self.is_exception_first:
                content = [*answer.content, *warnings]
        return context.words.element(
            self.result, *content, attributes={**echoed, **answer.attributes}
        )


@dataclass(frozen=True, slots=True)
class Each:
    """An operation that asks many questions, each answered by a result of its own.

    Args:
        questions: The name of the list of questions.
        results: The name of the list of results.
        one: What is asked and answered many times.
    """

    questions: str
    results: str
    one: One

    def __call__(self, context: Context, request: Element) -> Element:
        """Play the operation."""
        questions = context.words.children(request, f"{self.questions}/{self.one.question}")
        results = [self.one.answer(context, question) for question in questions]
        return context.response(context.words.element(self.results, *results))


@dataclass(frozen=True, slots=True)
class Manage:
    """An operation on users or accounts, which takes the token of a sign-in.

    Its result tells Success, and has Exceptions in any case.

    Args:
        exception: The name of the items of Exceptions.
        play: Answers the question about the account that it names, or raises ``NotPossible``.
        refused: The attributes that the schema demands of a refusal besides Success.
    """

    exception: str
    play: Callable[[Context, Element, Account], Answer]
    refused: Attributes = field(default_factory=dict[str, str | None])

    def __call__(self, context: Context, request: Element) -> Element:
        """Play the operation."""
        question = context.words.child(request, "Request")
        if question is None:
            return context.response()
        refusals: list[str] = []
        try:
            context.check_ordered()
            context.check_token()
            account = context.directory.managed(
                question.get("AuthenticationToken", ""), context.guid(question, "ContextIdentifier")
            )
            answer = self.play(context, question, account)
        except NotPossible as refusal:
            refusals.append(str(refusal))
            answer = Answer(attributes=self.refused)
        return context.response(
            context.words.element(
                f"{context.response_name.removesuffix('Response')}Result",
                *answer.content,
                context.outcome(self.exception, refusals),
                attributes={**answer.attributes, "Success": truth(not refusals)},
            )
        )
