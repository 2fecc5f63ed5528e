"""Files attached to transactions and items: what may be attached, where it is kept, and what it is linked to."""

from quickbooks_app.sandbox.accounting import shape
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.entities import entity_named
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_reference, parameter_missing

# By the ending of the name, as QuickBooks lists them.
FILE_TYPES = {
    "ai": "application/postscript",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eps": "application/postscript",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "png": "image/png",
    "rtf": "text/rtf",
    "tif": "image/tiff",
    "txt": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "text/xml",
}
_GIVEN_BY_QUICKBOOKS = frozenset(
    ["Id", "SyncToken", "MetaData", "Size", "FileAccessUri", "TempDownloadUri", "domain", "sparse", "status", "time"]
)


def attach_file(books: Books, *, metadata: Document, content: bytes) -> Document:
    """Keep a file and return its Attachable.

    Raises BusinessFault 2020 without a name, 6000 for a type that QuickBooks does not keep, and 2500 for a link to what
    does not exist.
    """
    sent = {
        key: value for key, value in shape.validate("Attachable", metadata).items() if key not in _GIVEN_BY_QUICKBOOKS
    }
    name = str(sent.get("FileName", "")).strip()
    if not name:
        raise parameter_missing("FileName")
    ending = name.rpartition(".")[2].lower()
    if ending not in FILE_TYPES:
        raise business_rule(f"Unsupported file type: {ending}. The file {name} was not uploaded.")
    require_links(books, sent)
    document = {"ContentType": FILE_TYPES[ending], **sent, "FileName": name, "Size": len(content)}
    made = books.insert("Attachable", document)
    address = f"/v3/company/{books.realm}/download/{made['Id']}"
    books.connection.execute("INSERT INTO files VALUES (?, ?, ?)", (books.realm, made["Id"], content))
    return books.update_reference_name("Attachable", {**made, "FileAccessUri": address})


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete Attachable: a note, or what is known of a file. What it is linked to exists."""
    if not wanted.get("Note") and not wanted.get("FileName"):
        raise parameter_missing("Note")
    require_links(books, sent)
    return dict(wanted)


def find_file(books: Books, id: str) -> tuple[Document, bytes] | None:
    """Return an Attachable that is in the books with its content, or None if it has no file or is gone."""
    document = books.find("Attachable", id)
    row = books.connection.execute("SELECT content FROM files WHERE realm = ? AND id = ?", (books.realm, id)).fetchone()
    return (document, bytes(row["content"])) if document and row else None


def forget_file(books: Books, id: str) -> None:
    """Erase the content of an Attachable that was deleted."""
    books.connection.execute("DELETE FROM files WHERE realm = ? AND id = ?", (books.realm, id))


def require_links(books: Books, document: Document) -> None:
    """Raise BusinessFault 2500 if an AttachableRef names what does not exist."""
    for link in document.get("AttachableRef", []):
        target = link.get("EntityRef")
        if not isinstance(target, dict):
            continue
        entity = entity_named(str(target.get("type", "")))
        value = str(target.get("value", ""))
        if entity is None or books.find(entity.name, value) is None:
            raise invalid_reference(element="EntityRef", value=value)
