"""The web page of the emulator: by HTTP, and in a real browser."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from esignwire.emulator import ConnectionClosed, EmulatorServer, EmulatorSettings
from tests.emulator.constellation1.test_service import KEY, session_body, with_token
from tests.emulator.signix.test_service import submission
from tests.support.browser import CHROMIUM, browser
from tests.support.emulator import (
    ACCOUNT,
    SCHEMAS,
    TEMPLATE,
    get,
    mtom,
    post,
    post_signix,
    signix,
    soap,
)

SECRET = "correct horse battery"
NAME = "<b>Lease & 'more'</b>"
SUBMIT = (
    f'<Documents><Document ContextIdentifier="{ACCOUNT}"><Metadata Password="{SECRET}"'
    f' DocumentName="Lease"/><Template Id="{TEMPLATE}"/></Document></Documents>'
)


def page(emulator: EmulatorServer, path: str = "/", **headers: str) -> httpx.Response:
    return get(emulator.url + unescape(path), headers=headers)


def links(answer: httpx.Response, path: str) -> list[str]:
    return re.findall(rf'href="({path}\?[^"]*)"', answer.text)


def fields(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'name="(\w+)" value="([^"]*)"', answer.text.partition("</form>")[0])
    return {name: unescape(value) for name, value in found if name != "action"}


def act(
    emulator: EmulatorServer, form: dict[str, str], action: str = "sign", **headers: str
) -> httpx.Response:
    return post(f"{emulator.url}/act", data={**form, "action": action}, headers=headers)


def test_what_is_there(emulator: EmulatorServer) -> None:
    assert page(emulator).text.count("Nothing yet.") == 3
    soap(emulator, "Submit", "Submit", SUBMIT)
    soap(emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>')
    signix(emulator, "SubmitDocument", submission())
    with_token(emulator, "POST", "sessions", session_body())
    answer = page(emulator)
    assert answer.status_code == 200
    for what in ("Document", "Envelope", "Transaction", "Session"):
        assert f"<td>{what}</td>" in answer.text
    items = links(answer, "/item")
    assert len(items) == 4
    for item in items:
        assert page(emulator, item).status_code == 200
    assert "The document was created." in page(emulator, items[0]).text
    assert page(emulator, "/item?collection=x&id=y").status_code == 404
    assert page(emulator, "/item?%ff").status_code == 404


def test_messages_are_masked(emulator: EmulatorServer) -> None:
    soap(emulator, "Submit", "Submit", SUBMIT)
    mtom(emulator, "Submit", "Submit", SUBMIT)
    signix(emulator, "SubmitDocument", submission())
    # libxml2's words quote a value that breaks a rule.
    post_signix(emulator, "SubmitDocument", submission().replace("910000000", SECRET))
    with_token(emulator, "POST", "sessions", session_body())
    found = links(page(emulator), "/message")
    assert len(found) == 7
    texts = [page(emulator, one).text for one in found]
    document = next(iter(emulator.state.assuresign.documents.values()))
    for text in texts:
        for secret in (SECRET, "a-password", ACCOUNT, str(document.auth_token), KEY):
            assert secret not in unescape(text)
    assert any("DocumentName=&quot;Lease&quot;" in text for text in texts)
    assert any("DocSetDescription" in text for text in texts)
    assert any("SigningSessionId" in text for text in texts)
    assert all("<pre>" in text for text in texts)
    assert page(emulator, "/message?number=99999").status_code == 404
    assert page(emulator, "/message?number=x").status_code == 404


def test_what_cannot_be_read_is_not_shown(emulator: EmulatorServer) -> None:
    url = f"{emulator.assuresign_url}/Submit/text"
    for content in (f"<a>{SECRET}", f"<a>{SECRET}</a>" + " " * 70_000):
        post(url, content=content, headers={"Content-Type": "text/xml"})
    post(url, content=SECRET, headers={"Content-Type": "image/png"})
    for one in links(page(emulator), "/message"):
        answer = page(emulator, one)
        assert SECRET not in answer.text
        assert "not shown." in answer.text


def test_a_closed_connection_is_told(emulator: EmulatorServer) -> None:
    emulator.next("signix", fault=ConnectionClosed())
    with pytest.raises(httpx.TransportError):
        signix(emulator, "SubmitDocument", submission())
    assert "<td>ConnectionClosed</td>" in page(emulator).text


def test_names_are_text_and_nothing_else(emulator: EmulatorServer) -> None:
    submit = SUBMIT.replace("Lease", NAME.replace("&", "&amp;").replace("<", "&lt;"))
    soap(emulator, "Submit", "Submit", submit)
    answer = page(emulator)
    assert "<b>" not in answer.text
    assert NAME in unescape(answer.text)


def test_no_page_may_load_or_run_anything(emulator: EmulatorServer) -> None:
    for path in ("/", "/style.css", "/item", "/message"):
        headers = page(emulator, path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "script" not in page(emulator, path).text


def test_buttons_act(emulator: EmulatorServer) -> None:
    soap(emulator, "Submit", "Submit", SUBMIT)
    form = fields(page(emulator))
    own = emulator.url
    acted = act(emulator, form, "decline", Origin=own, **{"Sec-Fetch-Site": "same-origin"})
    assert acted.status_code == 303
    assert "Declined" in page(emulator, acted.headers["location"]).text
    again = act(emulator, form, "sign")
    assert again.status_code == 409
    assert "The document cannot be signed: it is Declined." in again.text
    assert act(emulator, form, "explode").status_code == 404
    assert act(emulator, {**form, "id": "x"}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example:8765", "Origin": "http://evil.example:8765"},
    ],
)
def test_another_site_presses_no_button(emulator: EmulatorServer, headers: dict[str, str]) -> None:
    soap(emulator, "Submit", "Submit", SUBMIT)
    form = fields(page(emulator))
    assert act(emulator, form, "complete", **headers).status_code == 403
    assert "Completed" not in page(emulator).text


def test_a_button_wants_the_token(emulator: EmulatorServer) -> None:
    soap(emulator, "Submit", "Submit", SUBMIT)
    form = fields(page(emulator))
    for token in ("", "other", "ü", "x" * 20_000):
        assert act(emulator, {**form, "token": token}, "complete").status_code == 403
    del form["token"]
    assert act(emulator, form, "complete").status_code == 403
    assert get(f"{emulator.url}/act").status_code == 404


def test_pages_answer_this_machine_alone(emulator: EmulatorServer) -> None:
    assert page(emulator, Host="evil.example").status_code == 403


@pytest.mark.one_python
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_in_a_browser(tmp_path: Path) -> None:
    settings = EmulatorSettings(schemas=SCHEMAS, seed="page")
    with EmulatorServer(settings) as emulator:
        for name in ("Lease", "Offer", "Deed", "Contract"):
            soap(emulator, "Submit", "Submit", SUBMIT.replace("Lease", name))
        signix(emulator, "SubmitDocument", submission())
        with browser(tmp_path) as window:
            for name, action, status in (
                ("Lease", "sign", "Completed"),
                ("Offer", "decline", "Declined"),
                ("Deed", "expire", "Expired"),
                ("Contract", "complete", "Completed"),
                ("Set", "complete", "Complete"),
            ):
                window.open(f"{emulator.url}/")
                address = window.evaluate(
                    f"[...document.links].find(a => a.textContent == '{name}').href"
                )
                window.open(address)
                window.press(f"button[value={action}]")
                row = "document.querySelector('table tr:nth-child(2)').children[2].textContent"
                assert window.evaluate(row) == status
            window.open(f"{emulator.url}/")
            assert window.evaluate("document.querySelectorAll('h2').length") == 4
            assert window.evaluate("getComputedStyle(document.body).maxWidth") != "none"
            if picture := os.environ.get("PICTURE_OF_EMULATOR"):
                window.picture(Path(picture))
            window.press("a[href^='/message']")
            assert window.evaluate("document.querySelectorAll('pre').length") == 2
        own = [one for one in window.addresses if not one.startswith(("about:", "data:"))]
        assert own
        assert all(one.startswith(f"{emulator.url}/") for one in own)
        assert window.complaints == []
