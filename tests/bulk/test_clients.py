"""Clients in bulk work: they travel, many calls share one, and refusals are told apart."""

from __future__ import annotations

import asyncio
import copy
import pickle
import ssl
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zeep

from esignwire import HttpSettings
from esignwire.assuresign import (
    AssureSign,
    AsyncAssureSign,
    DocumentReference,
    TemplateDocument,
    WaitPolicy,
)
from esignwire.bulk import Done, Failed, FileCheckpoint, async_for_each, for_each
from esignwire.constellation1 import (
    AsyncConstellation1,
    Constellation1,
    JsonForm,
    StartPolicy,
)
from esignwire.emulator import EmulatorServer
from esignwire.errors import ConfigurationError, Constellation1Error, OutcomeUnknown, SignixError
from esignwire.signix import AsyncSignix, Signix, require_succeeded
from tests.support.assuresign import (
    ACCOUNT,
    TEMPLATE,
    USER,
    address,
    envelope,
    http,
    status,
    statuses,
)
from tests.support.hostile import Connection, hostile
from tests.support.signix import DOCUMENT_SET_ID, NAMESPACE, PASSWORD

API_KEY = "k+y/with %2F & <signs>"
SETTINGS = HttpSettings(total_timeout=17.0, max_connections=3)
UNKNOWN = "00000000-0000-0000-0000-000000000001"

Make = Callable[..., Any]


class Plugin(zeep.Plugin):
    """A plugin of a caller's; that it came along can be seen."""


def assuresign(kind: type[Any], emulator: EmulatorServer, settings: HttpSettings) -> Any:
    return kind(
        context_identifier=ACCOUNT,
        user_name=USER,
        url=emulator.assuresign_url,
        settings=settings,
        wait_policy=WaitPolicy(deadline=12.0),
        uses_mtom=True,
    )


def signix(kind: type[Any], emulator: EmulatorServer, settings: HttpSettings) -> Any:
    return kind(
        sponsor="acme",
        client="acmeclient",
        user_id="acmeuser",
        password=PASSWORD,
        url=emulator.signix_url,
        workgroup="SDD",
        settings=settings,
    )


def constellation1(kind: type[Any], emulator: EmulatorServer, settings: HttpSettings) -> Any:
    return kind(
        api_key=API_KEY,
        user_name=USER,
        url=emulator.constellation1_url,
        settings=settings,
        start_policy=StartPolicy(attempts=2),
        json_form=JsonForm(dates="iso8601"),
    )


CLIENTS: list[tuple[type[Any], Make]] = [
    (AssureSign, assuresign),
    (AsyncAssureSign, assuresign),
    (Signix, signix),
    (AsyncSignix, signix),
    (Constellation1, constellation1),
    (AsyncConstellation1, constellation1),
]
each_client = pytest.mark.parametrize(
    ("kind", "make"), CLIENTS, ids=[kind.__name__ for kind, _ in CLIENTS]
)


def ask(client: Any) -> Any:
    """One call that the emulator answers from what it knows."""
    if isinstance(client, AssureSign | AsyncAssureSign):
        return client.check_status(DocumentReference(id=UNKNOWN, auth_token=UNKNOWN))
    if isinstance(client, Signix | AsyncSignix):
        return client.transaction(document_set_id="unknown").cancel()
    return client.get_session(UNKNOWN)


def answer(client: Any) -> str:
    """What the vendor says to the call, through a client of either kind that is closed then."""
    try:
        if hasattr(client, "aclose"):

            async def main() -> Any:
                async with client:
                    return await ask(client)

            return repr(asyncio.run(main()))
        with client:
            return repr(ask(client))
    except (SignixError, Constellation1Error) as error:
        return repr(error.vendor_text)


@each_client
@pytest.mark.parametrize(
    "duplicate",
    [
        *(
            lambda client, protocol=protocol: pickle.loads(pickle.dumps(client, protocol))  # noqa: S301 - our own pickle
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
        copy.copy,
    ],
    ids=["pickle 2", "pickle 3", "pickle 4", "pickle 5", "copy"],
)
def test_a_client_that_travelled_works(
    emulator: EmulatorServer, kind: type[Any], make: Make, duplicate: Callable[[Any], Any]
) -> None:
    client = make(kind, emulator, SETTINGS)
    expected = answer(client)
    # It was closed meanwhile; what arrives is open, and of any event loop.
    arrived = duplicate(client)
    assert type(arrived) is kind
    assert repr(arrived) == repr(client)
    assert answer(arrived) == expected
    with pytest.raises(ConfigurationError, match=r"is closed|belongs to the event loop"):
        answer(client)


@each_client
def test_a_client_travels_with_all_its_settings(
    emulator: EmulatorServer, kind: type[Any], make: Make
) -> None:
    client = make(kind, emulator, SETTINGS)
    remade, arguments = client.__reduce__()
    assert arguments == ()
    assert remade.func is kind
    again = remade.func(**remade.keywords).__reduce__()[0].keywords
    assert again == remade.keywords
    assert again["settings"] == SETTINGS
    # Nothing of what the constructor takes was forgotten.
    defaults = {**(kind.__init__.__kwdefaults__ or {})}
    assert set(defaults) <= set(again)
    given = {"wait_policy", "uses_mtom", "start_policy", "json_form", "workgroup"}
    for name in given & set(defaults):
        assert again[name] not in (defaults[name], type(again[name])())


def test_plugins_travel_too() -> None:
    client = AssureSign(context_identifier=ACCOUNT, user_name=USER, plugins=[Plugin()])
    (plugin,) = client.__reduce__()[0].keywords["plugins"]  # type: ignore[attr-defined]  # it is a partial
    assert isinstance(plugin, Plugin)


@each_client
def test_no_secret_is_shown_on_the_way(
    emulator: EmulatorServer, kind: type[Any], make: Make
) -> None:
    arrived = copy.copy(make(kind, emulator, SETTINGS))
    for secret in (ACCOUNT, PASSWORD, API_KEY):
        assert secret not in repr(arrived)


@each_client
def test_a_tls_context_stays_where_it_is(
    emulator: EmulatorServer, kind: type[Any], make: Make
) -> None:
    settings = HttpSettings(ssl_context=ssl.create_default_context())
    with pytest.raises(ConfigurationError, match="cannot be pickled or copied"):
        pickle.dumps(make(kind, emulator, settings))


# --- Hundreds of calls share one client ---------------------------------------------------------


def references(count: int) -> list[DocumentReference]:
    return [
        DocumentReference(id=uuid.UUID(int=number), auth_token=uuid.UUID(int=number))
        for number in range(1, count + 1)
    ]


def tell(connection: Connection) -> None:
    while (received := connection.receive()) is not None:
        found = received.body.partition(b' Id="')[2].partition(b'"')[0].decode()
        connection.send(statuses(status(found)))


def test_hundreds_of_tasks_share_one_client_and_few_connections() -> None:
    async def main(url: str) -> list[Any]:
        async with AsyncAssureSign(
            context_identifier=ACCOUNT,
            user_name=USER,
            url=url,
            settings=HttpSettings(max_connections=5),
        ) as client:
            return [
                one
                async for one in async_for_each(
                    references(400), client.check_status, concurrency=200, is_safe=True
                )
            ]

    with hostile(tell) as server:
        outcomes = asyncio.run(main(address(server)))
        assert server.connections <= 5
    assert all(isinstance(one, Done) and one.result[0].id == one.item.id for one in outcomes)
    assert {one.item.id for one in outcomes} == {one.id for one in references(400)}


def test_many_threads_share_one_client_and_few_connections() -> None:
    with (
        hostile(tell) as server,
        AssureSign(
            context_identifier=ACCOUNT,
            user_name=USER,
            url=address(server),
            settings=HttpSettings(max_connections=5),
        ) as client,
    ):
        outcomes = list(for_each(references(200), client.check_status, concurrency=40))
        assert server.connections <= 5
    assert all(isinstance(one, Done) and one.result[0].id == one.item.id for one in outcomes)
    assert len(outcomes) == 200


# --- What an answer says, and whether a later run makes the call again ---------------------------

SUBMIT = "https://www.assuresign.net/Services/DocumentNOW/Submit"
WCF = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"


def fault(code: str) -> bytes:
    content = (
        f'<s:Fault><faultcode xmlns:a="{WCF}">{code}</faultcode><faultstring>no</faultstring>'
        "</s:Fault>"
    )
    return http(envelope(content), "500 Internal Server Error")


def refusal(session: uuid.UUID) -> bytes:
    return http(
        envelope(
            f'<AsyncSubmitResponse xmlns="{SUBMIT}"><AsyncSubmitResult SessionId="{session}">'
            '<Exceptions><DocumentException Severity="Error">no such template</DocumentException>'
            "</Exceptions></AsyncSubmitResult></AsyncSubmitResponse>"
        )
    )


def signix_status(code: int) -> bytes:
    return http(
        f'<SubmitAjaxRs xmlns="{NAMESPACE}"><Status><StatusCode>{code}</StatusCode>'
        "<StatusDesc>no</StatusDesc></Status></SubmitAjaxRs>".encode()
    )


JSON = "application/json"
NO_SESSION = b'"Error: there is no such session"'
ANSWERS: list[tuple[str, bytes, bool]] = [
    ("assuresign", refusal(uuid.UUID(int=0)), True),
    ("assuresign", refusal(uuid.UUID(int=1)), False),
    ("assuresign", fault("s:Client"), True),
    ("assuresign", fault("a:DeserializationFailed"), True),
    ("assuresign", fault("s:Server"), False),
    ("assuresign", fault("a:InternalServiceFault"), False),
    ("assuresign", http(b"", "403 Forbidden"), True),
    ("assuresign", http(b"", "408 Request Timeout"), False),
    ("assuresign", http(b"", "409 Conflict"), False),
    ("assuresign", http(b"", "503 Service Unavailable"), False),
    ("signix", signix_status(101), True),
    ("signix", signix_status(2), True),
    ("signix", signix_status(5), False),
    ("signix", signix_status(-1), False),
    ("signix", http(b"", "409 Conflict"), False),
    ("constellation1", http(NO_SESSION, content_type=JSON), True),
    ("constellation1", http(NO_SESSION, "404 Not Found", JSON), True),
    ("constellation1", http(NO_SESSION, "500 Internal Server Error", JSON), False),
]


def changing(vendor: str, url: str) -> tuple[Any, Callable[[str], object]]:
    """A client, and a call of it that changes something."""
    if vendor == "assuresign":
        of_assuresign = AssureSign(context_identifier=ACCOUNT, user_name=USER, url=url)
        return of_assuresign, lambda order: of_assuresign.async_submit(
            TemplateDocument(template_id=TEMPLATE, order_number=order)
        )
    if vendor == "signix":
        of_signix = Signix(
            sponsor="acme", client="acme", user_id="acme", password=PASSWORD, url=url, workgroup="a"
        )
        transaction = of_signix.transaction(document_set_id=DOCUMENT_SET_ID)
        return of_signix, lambda _: require_succeeded(transaction.send_pickup_email("tenant"))
    of_constellation1 = Constellation1(api_key=API_KEY, user_name=USER, url=url)
    return of_constellation1, lambda _: of_constellation1.delete_session(UNKNOWN)


@pytest.mark.parametrize(
    ("vendor", "reply", "is_repeated"),
    ANSWERS,
    ids=[f"{number} {vendor}" for number, (vendor, _, _) in enumerate(ANSWERS)],
)
def test_a_later_run_repeats_only_what_the_vendor_did_not_do(
    tmp_path: Path, vendor: str, reply: bytes, is_repeated: bool
) -> None:
    asked: list[bytes] = []

    def tell_no(connection: Connection) -> None:
        while (received := connection.receive()) is not None:
            if any(word in received.head for word in (b"/encrypt/", b"/gettoken/")):
                connection.send(http(b'{"ReturnValue":"token"}', content_type="application/json"))
                continue
            asked.append(received.head)
            connection.send(reply)

    with hostile(tell_no) as server:
        client, act = changing(vendor, address(server))
        with client:
            for _ in range(2):
                with FileCheckpoint.open(tmp_path / "run.sqlite") as checkpoint:
                    (failed,) = for_each(["A-1"], act, key=str, checkpoint=checkpoint)
                    assert isinstance(failed, Failed)
    assert len(asked) == (2 if is_repeated else 1)
    if not is_repeated:
        assert isinstance(failed.error, OutcomeUnknown)
