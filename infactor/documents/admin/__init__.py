"""Admin of documents."""

from infactor.documents.admin import documents  # noqa: F401  it registers the model
