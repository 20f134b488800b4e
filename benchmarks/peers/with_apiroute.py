"""CheckStatus with a client that apiroute generates from our WSDL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.messages import ACCOUNT, CHECK_STATUS, TOKEN, item_id
from benchmarks.places import SCHEMAS, WORK

_PACKAGE = "apiroute_check_status"


def _generate() -> None:
    """Runs apiroute on CheckStatus.wsdl, which needs a service that our file leaves to another."""
    folder = WORK / "wsdl"
    folder.mkdir(parents=True, exist_ok=True)
    for schema in SCHEMAS.glob("*.xsd"):
        (folder / schema.name).write_bytes(schema.read_bytes())
    service = (
        f'<wsdl:service name="CheckStatus" xmlns:own="{CHECK_STATUS}"'
        ' xmlns:address="http://schemas.xmlsoap.org/wsdl/soap/">'
        '<wsdl:port name="CheckStatus" binding="own:BasicHttpBinding_ICheckStatusService">'
        '<address:address location="http://127.0.0.1:1/"/></wsdl:port></wsdl:service>'
    )
    text = (SCHEMAS / "CheckStatus.wsdl").read_text()
    (folder / "CheckStatus.wsdl").write_text(
        text.replace("</wsdl:definitions>", f"{service}</wsdl:definitions>")
    )
    command = [
        str(Path(sys.executable).parent / "apiroute"),
        *("generate", "wsdl", str(folder / "CheckStatus.wsdl")),
        *("-o", str(WORK / _PACKAGE), "--models", "--client-name", "CheckStatusApi", "--no-format"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def call(url: str) -> Callable[[], object]:
    """Makes the call about one document."""
    if not (WORK / _PACKAGE).is_dir():
        _generate()
    if str(WORK) not in sys.path:
        sys.path.insert(0, str(WORK))
    from importlib import import_module

    api = import_module(_PACKAGE).CheckStatusApi(base_url=url)
    models = import_module(f"{_PACKAGE}.models.models")

    def one() -> object:
        request = models.CheckStatus(
            document_status_checks=models.ArrayOfDocumentStatusCheck(
                document_status_check=[
                    models.DocumentStatusCheck(
                        context_identifier=str(ACCOUNT), id=str(item_id(0)), auth_token=str(TOKEN)
                    )
                ]
            )
        )
        return api.models.check_status(body=request)

    return one
