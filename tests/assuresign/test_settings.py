"""Whom the AssureSign client calls, and what it keeps to itself."""

from __future__ import annotations

import importlib
import uuid
from typing import Any

import pytest

import esignwire.assuresign
from esignwire.assuresign import (
    PRODUCTION_URL,
    SANDBOX_URL,
    AssureSign,
    AsyncAssureSign,
    TemplateDocument,
)
from esignwire.errors import ConfigurationError
from tests.support.assuresign import ACCOUNT, TEMPLATE, USER

CLIENTS = pytest.mark.parametrize("client_type", [AssureSign, AsyncAssureSign])
VARIABLES = {
    "ESIGNWIRE_ASSURESIGN_URL": SANDBOX_URL,
    "ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER": ACCOUNT,
    "ESIGNWIRE_ASSURESIGN_USER_NAME": USER,
}


@CLIENTS
@pytest.mark.parametrize("key", [ACCOUNT, f" {ACCOUNT.upper()} ", uuid.UUID(ACCOUNT)])
def test_a_client_knows_its_account(client_type: Any, key: Any) -> None:
    client = client_type(context_identifier=key, user_name=f" {USER} ", url=SANDBOX_URL + "/ ")
    assert client.context_identifier == uuid.UUID(ACCOUNT)
    assert client.user_name == USER
    assert repr(client) == f"{client_type.__name__}(user_name={USER!r}, url={SANDBOX_URL!r})"
    assert ACCOUNT not in repr(vars(client)).lower()


@CLIENTS
def test_production_is_where_a_client_calls_unless_told_otherwise(client_type: Any) -> None:
    client = client_type(context_identifier=ACCOUNT, user_name=USER)
    assert PRODUCTION_URL in repr(client)


@CLIENTS
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"context_identifier": "S3CRET-but-no-guid"}, "context_identifier must be a GUID"),
        ({"context_identifier": ""}, "context_identifier must be a GUID"),
        ({"user_name": "  "}, "user_name"),
        ({"url": ""}, "URL"),
        ({"url": "http://www.assuresign.net/DocumentNOW.svc"}, "https"),
        ({"url": "https://me:S3CRET@www.assuresign.net/DocumentNOW.svc"}, "password"),
        ({"url": "https://www.assuresign.net/DocumentNOW.svc/Submit/text"}, r"DocumentNOW\.svc"),
        ({"url": "https://www.assuresign.net/DocumentNOW.svc?wsdl"}, r"DocumentNOW\.svc"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    client_type: Any, changes: dict[str, str], words: str
) -> None:
    values = {"context_identifier": ACCOUNT, "user_name": USER, "url": SANDBOX_URL, **changes}
    with pytest.raises(ConfigurationError, match=words) as caught:
        client_type(**values)
    assert "S3CRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.vendor == "AssureSign"


@CLIENTS
def test_the_environment_names_the_account(
    client_type: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    client = client_type.from_environment()
    assert client.context_identifier == uuid.UUID(ACCOUNT)
    assert client.user_name == USER
    assert SANDBOX_URL in repr(client)


@CLIENTS
@pytest.mark.parametrize("missing", [list(VARIABLES), *([name] for name in VARIABLES)])
def test_what_is_missing_in_the_environment_is_named(
    client_type: Any, monkeypatch: pytest.MonkeyPatch, missing: list[str]
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    for name in missing:
        monkeypatch.setenv(name, " ")
        if name.endswith("URL"):
            monkeypatch.delenv(name)
    with pytest.raises(ConfigurationError) as caught:
        client_type.from_environment()
    for name in VARIABLES:
        assert (name in str(caught.value)) is (name in missing)
    assert ACCOUNT not in str(caught.value)


def test_what_is_submitted_shows_no_secret() -> None:
    document = TemplateDocument(
        template_id=TEMPLATE, password="S3CRET-1", parameters={"Password": "S3CRET-2"}
    )
    assert "S3CRET" not in repr(document)
    assert TEMPLATE in repr(document)


def test_everything_public_is_there_and_has_a_docstring() -> None:
    assert sorted(esignwire.assuresign.__all__) == sorted(set(esignwire.assuresign.__all__))
    for name in esignwire.assuresign.__all__:
        value = getattr(esignwire.assuresign, name)
        if isinstance(value, type):
            assert value.__doc__, name


def test_the_docstring_says_why_nothing_polls() -> None:
    for client_type in (AssureSign, AsyncAssureSign):
        words = " ".join((client_type.check_status.__doc__ or "").split())
        assert "DocumentTRAK" in words
        assert "loop" in words
        waiting = [name for name in dir(client_type) if name.startswith(("wait", "poll"))]
        assert waiting == ["wait_for_session"]


def test_the_sync_twin_has_the_same_methods() -> None:
    renamed = {"aclose": "close"}
    ours = {renamed.get(name, name) for name in dir(AsyncAssureSign) if name[0] != "_"}
    assert ours == {name for name in dir(AssureSign) if name[0] != "_"}
    assert importlib.import_module(AssureSign.__module__).__all__ == ["AssureSign"]
