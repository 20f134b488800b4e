"""Documents: what goes up, what came down, and bodies that hold some."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._documents.bodies import SplicedBody as SplicedBody
    from esignwire._documents.bodies import splice_base64 as splice_base64
    from esignwire._documents.bodies import splice_form as splice_form
    from esignwire._documents.bodies import splice_mtom as splice_mtom
    from esignwire._documents.received import DocumentStore as DocumentStore
    from esignwire._documents.received import ReceivedDocument as ReceivedDocument
    from esignwire._documents.received import discard_documents as discard_documents
    from esignwire._documents.received import new_token as new_token
    from esignwire._documents.received import path_of as path_of
    from esignwire._documents.sources import DocumentSource as DocumentSource
    from esignwire._documents.sources import Progress as Progress
    from esignwire._documents.sources import Upload as Upload
    from esignwire._documents.sources import check_progress as check_progress
    from esignwire._documents.sources import upload_of as upload_of
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._documents.bodies": "SplicedBody splice_base64 splice_form splice_mtom",
            "esignwire._documents.received": (
                "DocumentStore ReceivedDocument discard_documents new_token path_of"
            ),
            "esignwire._documents.sources": (
                "DocumentSource Progress Upload check_progress upload_of"
            ),
        },
    )
