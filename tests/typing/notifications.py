"""What type checkers must infer and refuse about notifications. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import assert_never, assert_type

from fastapi import FastAPI

from esignwire import constellation1, signix
from esignwire.assuresign import documenttrak
from esignwire.notifications import Event, Receiver, Seen


async def handle(event: Event) -> None:
    match event:
        case signix.Notification():
            assert_type(event.action, signix.PushAction | str)
            assert_type(event.others, Mapping[str, str])
        case constellation1.SessionStatusChanged():
            assert_type(event.status, constellation1.SessionStatus | int | None)
        case constellation1.SignerStatusChanged():
            assert_type(event.status, constellation1.SignerStatus | int | None)
        case constellation1.Webhook():
            assert_type(event.session_id, uuid.UUID)
        case documenttrak.Notification():
            assert_type(event.values, Mapping[str, str])
        case _:
            assert_never(event)


def in_plain_words(event: Event) -> None:
    del event


def parsed() -> None:
    assert_type(signix.notification(b"action=Send&id=1"), signix.Notification)
    assert_type(constellation1.webhook("{}"), constellation1.Webhook)
    design = documenttrak.template([documenttrak.MergeField.ENVELOPE_ID, "Other"])
    assert_type(design.parse(b""), documenttrak.Notification)
    documenttrak.declare("yaml", {"Envelope ID": "id"})  # type: ignore[arg-type]


def mounted() -> None:
    design = documenttrak.declare("json", {"Envelope ID": "id"})
    receiver = Receiver(handle, secret="", designs={"done": design}, seen=Seen("seen.sqlite"))
    FastAPI().mount("/hooks", receiver)
    Receiver(in_plain_words, secret="")  # type: ignore[arg-type]
