"""CheckStatus with xsdata, over our own dataclasses, whose metadata it understands."""

from __future__ import annotations

from lxml import etree
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from benchmarks.messages import SOAP
