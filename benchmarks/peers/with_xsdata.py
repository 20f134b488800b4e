"""CheckStatus with xsdata's own parser and serializer, over our dataclasses."""

from __future__ import annotations

from lxml import etree
from xsdata.formats.converter import Converter, converter
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer
