"""Documents of a description: what is fetched and read, and what is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from esignwire.cli._documents import read_description
from esignwire.errors import (
    ConfigurationError,
    EsignWireError,
    ForbiddenMarkup,
    HttpStatusError,
    MalformedResponse,
    ResponseTooLarge,
    UnexpectedContent,
)

pytestmark = pytest.mark.one_python

_XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
_WSDL = 'xmlns:w="http://schemas.xmlsoap.org/wsdl/"'


def schema(*locations: str, tag: str = "import", head: str = "") -> str:
    inner = "".join(f'<xs:{tag} schemaLocation="{one}"/>' for one in locations)
    return f"{head}<xs:schema {_XS}>{inner}</xs:schema>"


def wsdl(*locations: str) -> str:
    inner = "".join(f'<w:import location="{one}"/>' for one in locations)
    return f"<w:definitions {_WSDL}>{inner}</w:definitions>"


class Host:
    """A host that answers by path, and notes what was asked of it."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.asked: list[str] = []
        self.url = ""

    def page(self, path: str) -> str | None:
        """The page of a path; any other is missing."""
        return self.pages.get(path)


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            target, page = host.redirects.get(self.path), host.page(self.path)
            self.send_response(302 if target else 404 if page is None else 200)
            if target:
                self.send_header("Location", target)
            content = (page or "").encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Says nothing: a client may hang up before the end."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def host() -> Iterator[Host]:
    with serving(Host()) as running:
        yield running


@pytest.fixture
def other() -> Iterator[Host]:
    with serving(Host()) as running:
        yield running


def test_what_lies_on_the_host_is_fetched_once(host: Host) -> None:
    host.pages = {
        "/a/s.svc?wsdl": wsdl("?wsdl=wsdl0", f"{host.url}/a/s.svc?wsdl=wsdl0", "s.svc?wsdl"),
        "/b/c.xsd": schema("../b/c.xsd", tag="include"),
    }
    host.pages["/a/s.svc?wsdl=wsdl0"] = (
        f"<w:definitions {_WSDL}><w:types>{schema('/b/c.xsd#part')}</w:types></w:definitions>"
    )
    found = read_description(f"{host.url}/a/s.svc?wsdl")
    assert sorted(host.asked) == ["/a/s.svc?wsdl", "/a/s.svc?wsdl=wsdl0", "/b/c.xsd"]
    assert list(found.roots) == [host.url + path for path in host.asked]
    assert found.left_out == set()


def test_another_host_is_not_asked(host: Host, other: Host) -> None:
    elsewhere = [
        f"{other.url}/x.xsd",
        f"//{other.url.partition('//')[2]}/y.xsd",
        "ftp://127.0.0.1/z.xsd",
        "file:///etc/hostname",
        "http://127.0.0.1:99999/port.xsd",
        "http://[bad/v6.xsd",
        f"http://127.0.0.1@{other.url.partition('//')[2]}/user.xsd",
    ]
    host.pages["/s?wsdl"] = wsdl(*elsewhere)
    found = read_description(f"{host.url}/s?wsdl")
    assert host.asked == ["/s?wsdl"]
    assert other.asked == []
    assert found.left_out == set(elsewhere)


def test_a_redirect_is_not_followed(host: Host, other: Host) -> None:
    host.redirects["/s?wsdl"] = f"{other.url}/x"
    with pytest.raises(HttpStatusError, match="302"):
        read_description(f"{host.url}/s?wsdl")
    host.redirects = {"/x.xsd": "/y.xsd"}
    host.pages = {"/s?wsdl": wsdl("x.xsd"), "/y.xsd": schema()}
    with pytest.raises(HttpStatusError, match="302"):
        read_description(f"{host.url}/s?wsdl")
    assert other.asked == []
    assert "/y.xsd" not in host.asked


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (schema(head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'), ForbiddenMarkup),
        (schema(head='<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'), ForbiddenMarkup),
        ("<html><body>Log in</body></html>", EsignWireError),
        ("{}", UnexpectedContent),
        (f"<w:definitions {_WSDL}>", MalformedResponse),
        ("<other/>", ConfigurationError),
        (f"<w:definitions {_WSDL}><x>{'a' * 5_000_000}</x></w:definitions>", ResponseTooLarge),
        (None, HttpStatusError),
    ],
)
@pytest.mark.parametrize("path", ["/s?wsdl", "/x.xsd"])
def test_what_is_no_schema_is_refused(
    host: Host, path: str, page: str | None, kind: type[EsignWireError]
) -> None:
    host.pages["/s?wsdl"] = wsdl("/x.xsd")
    if page is None:
        host.pages.pop(path, None)
    else:
        host.pages[path] = page
    with pytest.raises(kind) as caught:
        read_description(f"{host.url}/s?wsdl")
    assert path in str(caught.value)


class Endless(Host):
    """A host whose every document imports another."""

    def page(self, path: str) -> str | None:
        return schema(f"/next?{len(self.asked)}")


class Wide(Host):
    """A host whose every document imports another, and is large."""

    def page(self, path: str) -> str | None:
        return schema(f"/next?{len(self.asked)}", head=f"<!--{'x' * 3_000_000}-->")


@pytest.mark.parametrize(("kind", "most"), [(Endless, 250), (Wide, 5)])
def test_there_is_an_end(kind: type[Host], most: int) -> None:
    with serving(kind()) as endless:
        with pytest.raises(ConfigurationError, match="not read further"):
            read_description(f"{endless.url}/s?wsdl")
        assert len(endless.asked) < most


@pytest.mark.parametrize(
    "url", ["http://example.com/s?wsdl", "https://a:b@example.com/?wsdl", "https://"]
)
def test_an_address_that_is_not_called(url: str) -> None:
    with pytest.raises(ConfigurationError):
        read_description(url)


def test_files_below_the_folder_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    (folder / "more").mkdir(parents=True)
    (tmp_path / "outside.xsd").write_text(schema(), encoding="utf-8")
    (folder / "link.xsd").symlink_to(tmp_path / "outside.xsd")
    locations = [
        "more/a%20b.xsd",
        "../outside.xsd",
        "link.xsd",
        "http://127.0.0.1:1/x.xsd",
        "a%00b.xsd",
        (tmp_path / "outside.xsd").as_uri(),
    ]
    (folder / "s.wsdl").write_text(wsdl(*locations), encoding="utf-8")
    (folder / "more" / "a b.xsd").write_text(schema("../s.xsd", tag="include"), encoding="utf-8")
    (folder / "s.xsd").write_text(schema(), encoding="utf-8")
    found = read_description(str(folder / "s.wsdl"))
    assert [Path(one).name for one in found.roots] == ["s.wsdl", "a b.xsd", "s.xsd"]
    assert found.left_out == set(locations[1:])


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nothing\.wsdl cannot be read: No such file"):
        read_description(str(tmp_path / "nothing.wsdl"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_description(str(tmp_path))
