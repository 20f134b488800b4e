"""XML: reading it strictly, and validating it against the bundled schemas."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._xml.elements import Element as Element
    from esignwire._xml.elements import local_name as local_name
    from esignwire._xml.elements import path_of as path_of
    from esignwire._xml.encodings import charset_of as charset_of
    from esignwire._xml.given import parse_given as parse_given
    from esignwire._xml.given import to_text as to_text
    from esignwire._xml.reader import XmlReader as XmlReader
    from esignwire._xml.reader import parse as parse
    from esignwire._xml.tree import ReceivedXml as ReceivedXml
    from esignwire._xml.tree import XmlLimits as XmlLimits
    from esignwire._xml.validation import Schema as Schema
    from esignwire._xml.validation import compile_schema as compile_schema
    from esignwire._xml.validation import schema as schema
    from esignwire._xml.validation import schema_folder as schema_folder
    from esignwire._xml.validation import validate as validate
    from esignwire._xml.violations import refusal as refusal
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._xml.elements": "Element local_name path_of",
            "esignwire._xml.encodings": "charset_of",
            "esignwire._xml.given": "parse_given to_text",
            "esignwire._xml.reader": "XmlReader parse",
            "esignwire._xml.tree": "ReceivedXml XmlLimits",
            "esignwire._xml.validation": "Schema compile_schema schema schema_folder validate",
            "esignwire._xml.violations": "refusal",
        },
    )
