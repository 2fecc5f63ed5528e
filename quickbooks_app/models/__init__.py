"""Models of the QuickBooks integration: app keys, connections, documents, runs, calls, checks and webhook events."""

from quickbooks_app.models.api_call import ApiCall
from quickbooks_app.models.bookkeeping import (
    BookkeepingAccount,
    BookkeepingComparison,
    BookkeepingDifference,
    BookkeepingEntry,
    BookkeepingSettings,
)
from quickbooks_app.models.books_answer import BooksAnswer
from quickbooks_app.models.completeness import CompletenessCheck, CompletenessLine
from quickbooks_app.models.connection import Connection
from quickbooks_app.models.consent import ConsentAttempt
from quickbooks_app.models.document import Document, DocumentVersion
from quickbooks_app.models.import_issue import ImportIssue
from quickbooks_app.models.import_run import ImportRun
from quickbooks_app.models.inbox import Inbox
from quickbooks_app.models.integration import Integration
from quickbooks_app.models.mapping_version import MappingVersion, Remapping
from quickbooks_app.models.object_pull import ObjectPull
from quickbooks_app.models.push import Push
from quickbooks_app.models.rate_limit import RateLimitState
from quickbooks_app.models.review_answer import ReviewAnswer
from quickbooks_app.models.webhook_event import WebhookEvent

__all__ = [
    "ApiCall",
    "BookkeepingAccount",
    "BookkeepingComparison",
    "BookkeepingDifference",
    "BookkeepingEntry",
    "BookkeepingSettings",
    "BooksAnswer",
    "CompletenessCheck",
    "CompletenessLine",
    "Connection",
    "ConsentAttempt",
    "Document",
    "DocumentVersion",
    "ImportIssue",
    "ImportRun",
    "Inbox",
    "Integration",
    "MappingVersion",
    "ObjectPull",
    "Push",
    "RateLimitState",
    "Remapping",
    "ReviewAnswer",
    "WebhookEvent",
]
