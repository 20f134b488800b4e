from __future__ import annotations

import copy
import inspect
import pickle
import re
from typing import Any, get_args, get_type_hints

import pytest

from esignwire import errors
from esignwire.errors import EsignWireError

CLASSES = [getattr(errors, name) for name in errors.__all__]
MESSAGE = "it went wrong; do something else"
VALUES: dict[str, Any] = {
    "vendor": "SIGNiX",
    "operation": "SubmitAjax",
    "http_status": 503,
    "vendor_code": "101",
    "vendor_text": "no",
    "is_retry_safe": True,
    "retry_after": 37.0,
    "path": "SubmitAjaxRq/Data",
    "value": "x",
    "rule": "too short",
    "reference": "T1",
    "fault_code": "Client",
    "fault_string": "bad",
    "fault_actor": "them",
    "detail": "<d/>",
    "exceptions": (("Error", "bad"), ("Fatal", "worse")),
    "session_id": "S1",
}


def fields(kind: type[EsignWireError]) -> list[str]:
    """The keyword arguments of a constructor, those of its ``**facts`` included."""
    names: list[str] = []
    hints = get_type_hints(kind.__init__)
    for item in inspect.signature(kind.__init__).parameters.values():
        if item.kind is inspect.Parameter.KEYWORD_ONLY:
            names.append(item.name)
        elif item.kind is inspect.Parameter.VAR_KEYWORD:
            (unpacked,) = get_args(hints[item.name])
            names += sorted(unpacked.__optional_keys__)
    return names


def make(kind: type[EsignWireError], *, full: bool) -> EsignWireError:
    given = {name: VALUES[name] for name in fields(kind)} if full else {}
    return kind(MESSAGE, **given)


@pytest.mark.parametrize("full", [False, True], ids=["bare", "full"])
@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
class TestEachError:
    def test_prints(self, kind: type[EsignWireError], full: bool) -> None:
        error = make(kind, full=full)
        assert MESSAGE in str(error)
        assert repr(error) == f"{kind.__name__}({MESSAGE!r})"
        assert ("SIGNiX SubmitAjax: " in str(error)) is full

    @pytest.mark.parametrize(
        "duplicate",
        [
            copy.copy,
            copy.deepcopy,
            *(
                lambda error, protocol=protocol: pickle.loads(  # noqa: S301 - our own pickle
                    pickle.dumps(error, protocol)
                )
                for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
            ),
        ],
    )
    def test_survives_a_copy(self, kind: type[EsignWireError], full: bool, duplicate: Any) -> None:
        error = make(kind, full=full)
        twin = duplicate(error)
        assert type(twin) is kind
        assert twin is not error
        assert str(twin) == str(error)
        assert twin.args == error.args
        assert vars(twin) == vars(error)

    def test_keeps_what_it_was_given(self, kind: type[EsignWireError], full: bool) -> None:
        error = make(kind, full=full)
        for name in fields(kind):
            held = getattr(error, name)
            if full:
                assert held == VALUES[name]
            else:
                assert held in {None, False, ()} or kind is errors.WaitTimeout


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_each_says_which_call_failed_and_takes_nothing_unknown(kind: type[EsignWireError]) -> None:
    assert {"vendor", "operation", "http_status"} <= set(fields(kind))
    with pytest.raises(TypeError, match="nothing_known"):
        kind(MESSAGE, nothing_known=1)  # type: ignore[call-arg]  # the point of the test


def test_the_status_and_the_code_are_printed() -> None:
    error = EsignWireError("no", vendor="SIGNiX", http_status=500, vendor_code="109")
    assert str(error) == "SIGNiX: no (HTTP 500, code 109)"
    error.retry_after = 0.0
    assert str(error) == "SIGNiX: no (HTTP 500, code 109, retry after 0 s)"


def test_a_long_message_is_cut_and_the_vendors_words_are_kept() -> None:
    words = "a" * 3_000 + "b" * 3_000
    error = errors.SignixError(f"refused: {words}", vendor_text=words)
    assert len(str(error)) < 4_100
    assert str(error).startswith("refused: aaa")
    assert "characters more" in str(error)
    assert str(error).endswith("bbb")
    assert error.vendor_text == words


def test_a_message_steers_no_terminal_and_the_vendors_words_are_kept() -> None:
    words = "no\r\nmore\x1b[31m\u202e\x00\ud800"
    error = errors.SignixError(f"refused: {words}", vendor_text=words)
    assert str(error) == "refused: no\nmore\ufffd[31m" + "\ufffd" * 3
    assert error.vendor_text == words


def test_all_is_the_truth() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception) and not name.startswith("_")
    }
    assert sorted(defined) == list(errors.__all__)


def test_the_docstring_draws_the_tree() -> None:
    """Each class stands once, below its own parent."""
    drawn: dict[str, str | None] = {}
    above: list[str] = []
    for line in inspect.getdoc(errors).splitlines():  # type: ignore[union-attr] # it has one
        found = re.match(r"^    ((?:[│ ]   )*(?:[├└]── )?)([A-Z]\w+)(?:\s{2,}|$)", line)
        if found is None:
            continue
        depth = len(found[1]) // 4
        del above[depth:]
        assert found[2] not in drawn
        drawn[found[2]] = above[-1] if above else None
        above.append(found[2])
    actual = {
        kind.__name__: None if kind is EsignWireError else kind.__bases__[0].__name__
        for kind in CLASSES
    }
    assert drawn == actual


def test_only_what_nothing_was_sent_for_or_only_reads_is_retry_safe() -> None:
    assert not errors.OutcomeUnknown(MESSAGE).is_retry_safe
    assert not errors.ConnectionLost(MESSAGE).is_retry_safe
    assert errors.WaitTimeout(MESSAGE).is_retry_safe
