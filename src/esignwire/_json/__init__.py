"""JSON: strict reading, dates of .NET, and what schemas are compiled to: models and operations."""

from __future__ import annotations

from esignwire._json.dates import read_date as read_date
from esignwire._json.dates import write_date as write_date
from esignwire._json.models import Answer as Answer
from esignwire._json.models import Arguments as Arguments
from esignwire._json.models import Received as Received
from esignwire._json.models import Sent as Sent
from esignwire._json.models import secrets_of as secrets_of
from esignwire._json.operations import AsyncCaller as AsyncCaller
from esignwire._json.operations import Authorization as Authorization
from esignwire._json.operations import Caller as Caller
from esignwire._json.operations import Operation as Operation
from esignwire._json.operations import Pages as Pages
from esignwire._json.operations import Reading as Reading
from esignwire._json.reading import decode as decode
from esignwire._json.reading import parse as parse
from esignwire._json.values import AS_MAPPING as AS_MAPPING
from esignwire._json.values import AS_PROPERTIES as AS_PROPERTIES
from esignwire._json.values import BASE64 as BASE64
from esignwire._json.values import DATE as DATE
from esignwire._json.values import DETAILS as DETAILS
from esignwire._json.values import EMAIL as EMAIL
from esignwire._json.values import FILE as FILE
from esignwire._json.values import GUID as GUID
from esignwire._json.values import NOT_BLANK as NOT_BLANK
from esignwire._json.values import OBJECTS as OBJECTS
from esignwire._json.values import OBJECTS_OR_TEXTS as OBJECTS_OR_TEXTS
from esignwire._json.values import RECEIVED_GUID as RECEIVED_GUID
from esignwire._json.values import TUPLE as TUPLE
from esignwire._json.values import URL as URL
from esignwire._json.values import Code as Code
from esignwire._json.values import Count as Count
from esignwire._json.values import DaysAhead as DaysAhead
from esignwire._json.values import Limits as Limits
from esignwire._json.values import MapForm as MapForm
from esignwire._json.values import Matches as Matches
from esignwire._json.values import word_of as word_of
