"""Codecs: operations, and their messages between dataclasses and XML."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._codec.answers import Accepted as Accepted
    from esignwire._codec.answers import Outcome as Outcome
    from esignwire._codec.answers import Refused as Refused
    from esignwire._codec.answers import Unanswered as Unanswered
    from esignwire._codec.answers import one_result as one_result
    from esignwire._codec.answers import result_of as result_of
    from esignwire._codec.answers import results_of as results_of
    from esignwire._codec.arguments import Given as Given
    from esignwire._codec.arguments import Handle as Handle
    from esignwire._codec.arguments import name_of_kind as name_of_kind
    from esignwire._codec.messages import StrictReading as StrictReading
    from esignwire._codec.messages import read_response as read_response
    from esignwire._codec.messages import write_request as write_request
    from esignwire._codec.operations import Answered as Answered
    from esignwire._codec.operations import AsyncCaller as AsyncCaller
    from esignwire._codec.operations import AsyncListCaller as AsyncListCaller
    from esignwire._codec.operations import Caller as Caller
    from esignwire._codec.operations import Contract as Contract
    from esignwire._codec.operations import ListCaller as ListCaller
    from esignwire._codec.operations import Lookup as Lookup
    from esignwire._codec.operations import Operation as Operation
    from esignwire._codec.operations import reference_of as reference_of
    from esignwire._codec.reading import Reader as Reader
    from esignwire._codec.reading import Unreadable as Unreadable
    from esignwire._codec.reading import attributes_of as attributes_of
    from esignwire._codec.reading import is_nil as is_nil
    from esignwire._codec.reading import mentions_nil as mentions_nil
    from esignwire._codec.reading import read_base64 as read_base64
    from esignwire._codec.reading import read_boolean as read_boolean
    from esignwire._codec.reading import read_closed_enumeration as read_closed_enumeration
    from esignwire._codec.reading import read_date as read_date
    from esignwire._codec.reading import read_date_or_date_time as read_date_or_date_time
    from esignwire._codec.reading import read_date_time as read_date_time
    from esignwire._codec.reading import read_decimal as read_decimal
    from esignwire._codec.reading import read_document as read_document
    from esignwire._codec.reading import read_enumeration as read_enumeration
    from esignwire._codec.reading import read_float as read_float
    from esignwire._codec.reading import read_hex as read_hex
    from esignwire._codec.reading import read_integer as read_integer
    from esignwire._codec.reading import (
        read_optional_date_or_date_time as read_optional_date_or_date_time,
    )
    from esignwire._codec.reading import read_optional_date_time as read_optional_date_time
    from esignwire._codec.reading import read_uuid as read_uuid
    from esignwire._codec.reading import read_xml as read_xml
    from esignwire._codec.reading import read_yes_no as read_yes_no
    from esignwire._codec.reading import unreadable as unreadable
    from esignwire._codec.writing import NIL as NIL
    from esignwire._codec.writing import Message as Message
    from esignwire._codec.writing import Unwritable as Unwritable
    from esignwire._codec.writing import base64_text as base64_text
    from esignwire._codec.writing import boolean_text as boolean_text
    from esignwire._codec.writing import date_or_date_time_text as date_or_date_time_text
    from esignwire._codec.writing import date_text as date_text
    from esignwire._codec.writing import date_time_text as date_time_text
    from esignwire._codec.writing import decimal_text as decimal_text
    from esignwire._codec.writing import document as document
    from esignwire._codec.writing import enumeration_text as enumeration_text
    from esignwire._codec.writing import float_text as float_text
    from esignwire._codec.writing import hex_text as hex_text
    from esignwire._codec.writing import integer_text as integer_text
    from esignwire._codec.writing import items as items
    from esignwire._codec.writing import string_attribute as string_attribute
    from esignwire._codec.writing import string_text as string_text
    from esignwire._codec.writing import uuid_text as uuid_text
    from esignwire._codec.writing import write_message as write_message
    from esignwire._codec.writing import wrong_type as wrong_type
    from esignwire._codec.writing import xml_text as xml_text
    from esignwire._codec.writing import yes_no_text as yes_no_text
    from esignwire._xml import Element as Element
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._codec.answers": (
                "Accepted Outcome Refused Unanswered one_result result_of results_of"
            ),
            "esignwire._codec.arguments": "Given Handle name_of_kind",
            "esignwire._codec.messages": "StrictReading read_response write_request",
            "esignwire._codec.operations": (
                "Answered AsyncCaller AsyncListCaller Caller Contract ListCaller Lookup Operation "
                "reference_of"
            ),
            "esignwire._codec.reading": (
                "Reader Unreadable attributes_of is_nil mentions_nil read_base64 "
                "read_boolean read_closed_enumeration read_date read_date_or_date_time "
                "read_date_time read_decimal read_document read_enumeration read_float read_hex "
                "read_integer read_optional_date_or_date_time read_optional_date_time read_uuid "
                "read_xml read_yes_no unreadable"
            ),
            "esignwire._codec.writing": (
                "Message NIL Unwritable base64_text boolean_text date_or_date_time_text "
                "date_text date_time_text decimal_text document enumeration_text float_text "
                "hex_text integer_text items string_attribute string_text uuid_text "
                "write_message wrong_type xml_text yes_no_text"
            ),
            "esignwire._xml": "Element",
        },
    )
