"""What a vendor quotes of a message: its secrets are masked, however they were escaped."""

from __future__ import annotations

import base64
import html
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from esignwire._secrets import QuotedSecrets
from esignwire.signix.forms import form_of
from esignwire_generated.assuresign.types import check_status, submit
from esignwire_generated.signix.types.submit_document import MemberInfoType
from tests.support.assuresign import DOCUMENT, TOKEN
from tests.support.strategies import modest

KEY = uuid.UUID("06c4a84a-693c-46cb-8df2-40a8215aa056")


def masked(message: object, *values: object) -> list[bool]:
    """Whether each value is masked where the secrets of a message are."""
    secrets = QuotedSecrets.of(message)
    return [secrets.mask(f"about {value}.") == "about ***." for value in values]


def submission(documents: Any) -> submit.Submit:
    return submit.Submit(documents=submit.ArrayOfDocument(document=documents))


@pytest.mark.parametrize("kind", [list, tuple])
def test_the_secrets_of_a_message_are_those_that_its_schema_marks(kind: type[Any]) -> None:
    metadata = submit.Metadata(password="opensesame", document_name="the lease", order_number="77")
    request = submission(kind([submit.Document(context_identifier=KEY, metadata=metadata)]))
    assert masked(request, KEY, "opensesame", "the lease", "77") == [True, True, False, False]
    check = check_status.DocumentStatusCheck(
        context_identifier=KEY, id=uuid.UUID(DOCUMENT), auth_token=uuid.UUID(TOKEN)
    )
    assert masked(kind([check, None]), KEY, TOKEN, DOCUMENT) == [True, True, False]
    member = MemberInfoType(
        ref_id="tenant",
        first_name="Pat",
        last_name="Example",
        email="pat@example.com",
        service="SelectOneClick",
        ssn="910000001",
    )
    assert masked(kind([member]), "910000001", "tenant") == [True, False]
    assert masked(None, KEY) == [False]


def test_a_short_document_is_a_secret_however_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    path.write_bytes(b"short")
    for source in (b"short", path):
        form = form_of(source, ref_id="r", desc="d", file_name="f", form_password="opensesame")
        assert masked(form, "opensesame", "c2hvcnQ=") == [True, True]
    path.unlink()
    assert masked(form, "opensesame", "c2hvcnQ=") == [True, False]
    long = form_of(b"x" * 10_000, ref_id="r", desc="d", file_name="f")
    assert masked([long], base64.b64encode(b"x" * 10_000).decode()) == [False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Key {KEY} and {str(KEY).upper()}.", "Key *** and ***."),
        (f"Key {KEY.hex} in {{{KEY}}}, 0{KEY}0", "Key *** in {***}, 0***0"),
        (f"Key {uuid.UUID(int=1)}", f"Key {uuid.UUID(int=1)}"),
        ("abc, abcd, xabc, ABC", "***, abcd, xabc, ***"),
        ("opensesame2 and open", "***2 and open"),
        ("a+b (a+b) aab", "*** (***) aab"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_secrets_are_masked_wherever_they_are_quoted(text: str, expected: str) -> None:
    secrets = QuotedSecrets([str(KEY), "abc", "opensesame", "opensesa", "a+b", ""])
    assert secrets.mask(text) == expected


def in_json(text: str, *, is_ascii: bool = True) -> str:
    return json.dumps(text, ensure_ascii=is_ascii)[1:-1]


SPELLINGS = {
    "as it is": str,
    "XML": escape,
    "an attribute": lambda text: quoteattr(text)[1:-1],
    "XML in XML": lambda text: escape(escape(text)),
    "HTML": html.escape,
    "numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "hexadecimal": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "JSON": in_json,
    "JSON beyond ASCII": lambda text: in_json(text, is_ascii=False),
    "JSON in JSON": lambda text: in_json(in_json(text)),
    "JSON in XML": lambda text: escape(in_json(text), {'"': "&quot;"}),
    "an address": lambda text: quote(text, safe=""),
    "a form": quote_plus,
    "XML in a form": lambda text: quote_plus(escape(text, {'"': "&quot;"})),
    "JSON in an address": lambda text: quote(in_json(text), safe=""),
    "XML in JSON beyond HTML": lambda text: in_json(escape(text)).replace("&", r"\u0026"),
    "a form in a form": lambda text: quote_plus(quote_plus(text)),
}
# Letters and digits are never escaped by those who escape what must be.
OTHERS = st.text(st.sampled_from("&<>\"'\\ +%;-_é€😀\t\n]"), min_size=1, max_size=4)
LETTERS = st.text(st.sampled_from("aZ09"), min_size=4, max_size=6)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_escaped_secrets_are_masked(spelling: str) -> None:
    spell = SPELLINGS[spelling]

    @modest(200)
    @given(LETTERS, OTHERS, LETTERS, OTHERS)
    def check(first: str, other: str, second: str, last: str) -> None:
        secret = f"{first}{other}{second}{last}x"
        found = QuotedSecrets([secret]).mask(f"before ({spell(secret)}) after")
        assert found == "before (***) after", secret

    if spelling in {"numbers", "hexadecimal"}:
        secret = "&<>\"' ;"
        assert QuotedSecrets([secret]).mask(f"({spell(secret)}!)") == "(***!)"
    else:
        check()


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.2 goes on behind a part of one more repetition, and leaves a secret as it is."""
    for secret in QuotedSecrets(["a&b;c\\d\\;'e %é"])._others:
        assert not re.search(r"\)[*+?}]\+", secret.pattern.pattern)


@pytest.mark.parametrize(
    "text",
    ["\\" * 200_000, "&" + "amp;" * 100_000, "&amp;" * 50_000, "%" + "25" * 100_000, "&#" * 90_000],
    ids=["backslashes", "amp", "entities", "percents", "numbers"],
)
@pytest.mark.parametrize("secret", ["\\\"x'y secret", "&<a>'b", "%%%%%%%%", "&&&&&&&&", "a b"])
def test_masking_takes_no_time_that_grows_with_a_square(text: str, secret: str) -> None:
    # It would take minutes.
    assert QuotedSecrets([secret]).mask(text[1:]) is not None


@pytest.mark.parametrize("text", ["%5c" * 60_000, r"\u0026amp;" * 20_000, "%26amp%3B" * 20_000])
def test_escapes_of_escapes_take_no_such_time(text: str) -> None:
    for secret in ("\\\"x'y secret", "&<a>'b"):
        assert QuotedSecrets([secret]).mask(f"{text}x") is not None


@modest(100)
@given(
    st.text(st.sampled_from("aZ09é <&"), min_size=8, max_size=30).map(str.strip),
    st.text(max_size=9),
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
    st.sampled_from(["", "Basic ", "/", "abc/", "key="]),
)
def test_secrets_within_base64_are_masked(
    secret: str, other: str, encode: Callable[[bytes], bytes], before: str
) -> None:
    assume(len(secret) >= 8)
    encoded = encode(f"{other}{escape(secret)}\n{other}".encode()).decode().rstrip("=")
    masked = QuotedSecrets([secret]).mask(f"({before}{encoded})")
    assert "***" in masked
    assert encoded[:8] not in masked


def of_dotnet(octets: bytes) -> str:
    return octets.hex("-").upper()


@modest(100)
@given(
    st.text(st.sampled_from("aZ09é <&"), min_size=8, max_size=30).map(str.strip),
    st.text(st.sampled_from("ab é"), max_size=3),
    st.sampled_from([bytes.hex, of_dotnet]),
    st.sampled_from(["", "0x", "f"]),
)
def test_secrets_within_hexadecimal_digits_are_masked(
    secret: str, other: str, encode: Callable[[bytes], str], before: str
) -> None:
    assume(len(secret) >= 8)
    encoded = encode(f"{other}{escape(secret)}{other}".encode())
    masked = QuotedSecrets([secret]).mask(f"({before}{encoded})")
    assert "***" in masked
    assert encoded[8:16] not in masked


@pytest.mark.parametrize("secret", ["p", "ab", "x y"])
def test_words_that_decode_to_a_short_secret_by_chance_stay(secret: str) -> None:
    by_chance = base64.b64encode(f"      {secret}      ".encode()).decode()
    words = f'{{"objectType": "Status", "statusMessage": "success", "id": "{by_chance}"}}'
    assert QuotedSecrets([secret]).mask(words) == words


def test_of_many_secrets_those_that_are_quoted_are_masked() -> None:
    """Patterns for all of them, for each text anew, would take minutes."""
    words = [f"pass-{number}-word" for number in range(1000)]
    secrets = QuotedSecrets([*words, *(str(uuid.UUID(int=number)) for number in range(3000))])
    for number in range(1000):
        text = f"The {uuid.UUID(int=number)} or {words[number]} is wrong."
        assert secrets.mask(text) == "The *** or *** is wrong."


def test_no_half_secret_stands_where_words_are_cut() -> None:
    secrets = QuotedSecrets(["opensesame" * 5])
    text = "x" * 90 + "opensesame" * 5
    assert secrets.mask(text, 100) == "x" * 90 + "***"
    assert secrets.mask(text + " " * 50_000, 200).strip() == "x" * 90 + "***"
    # Where most of what is looked at is masked, its end is not shown.
    many = "opensesame" * 5 * 2000
    assert set(secrets.mask(many, 2000)) <= {"*"}


def test_a_secret_of_signs_alone_is_found_as_it_was_sent() -> None:
    long = "€&" * 3000
    assert QuotedSecrets([long]).mask(f"({long})") == "(***)"
