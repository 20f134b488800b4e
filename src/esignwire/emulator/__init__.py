"""Emulator of the three vendors, for tests and demonstrations without an account.

AssureSign, SIGNiX and Constellation1 on one port, each at its own paths. It keeps state, so that a
call has consequences for the next, and judges requests by the vendors' schemas alone: nothing of
esignwire's clients is in it, so that it cannot share their mistakes.

Documents may be large: whatever is more than a megabyte lies in a temporary file and is read and
sent in pieces. What was uploaded comes down again as it was, signed or not.

Where the vendors have not published what they do, each module says what was chosen.

Needs the extra ``esignwire[emulator]``.
"""

from __future__ import annotations

from esignwire._extras import needs as _needs

with _needs("emulator", "jsonschema", "yaml"):
    from esignwire.emulator._wire import XmlLimits
    from esignwire.emulator.accounts import (
        Accounts,
        AssureSignAccount,
        AssureSignUser,
        Constellation1Account,
        SignixAccount,
        load_accounts,
    )
    from esignwire.emulator.application import create_application
    from esignwire.emulator.environment import Environment, Shell, environment_of
    from esignwire.emulator.faults import (
        CommandRefused,
        CommandsReordered,
        ConnectionClosed,
        Fault,
        HttpStatus,
        Latency,
        LateNotification,
        Refusal,
        SoapFault,
        TokenExpired,
        Truncated,
        Warned,
        WrongContentType,
    )
    from esignwire.emulator.notifications import Delivery
    from esignwire.emulator.server import EmulatorServer, serve
    from esignwire.emulator.settings import (
        AuditReportPlace,
        DocumentTrakDesign,
        EmulatorSettings,
        PendingForm,
        TokenRefusal,
        load_designs,
    )
    from esignwire.emulator.shared import Clock, Identifiers, utc_now
    from esignwire.emulator.state import State

__all__ = [
    "Accounts",
    "AssureSignAccount",
    "AssureSignUser",
    "AuditReportPlace",
    "Clock",
    "CommandRefused",
    "CommandsReordered",
    "ConnectionClosed",
    "Constellation1Account",
    "Delivery",
    "DocumentTrakDesign",
    "EmulatorServer",
    "EmulatorSettings",
    "Environment",
    "Fault",
    "HttpStatus",
    "Identifiers",
    "LateNotification",
    "Latency",
    "PendingForm",
    "Refusal",
    "Shell",
    "SignixAccount",
    "SoapFault",
    "State",
    "TokenExpired",
    "TokenRefusal",
    "Truncated",
    "Warned",
    "WrongContentType",
    "XmlLimits",
    "create_application",
    "environment_of",
    "load_accounts",
    "load_designs",
    "serve",
    "utc_now",
]
