"""The patterns of the sentences with values that QuickBooks' workers store, for `infactor.core.recorded_texts`.

A sentence without values needs no line here: `gettext_noop` where it is written is enough.
"""

from django.utils.translation import gettext_noop

from quickbooks_app.bookkeeping import comparison, differences, entries
from quickbooks_app.writing import refusals

PATTERNS = (
    refusals.CLOSED,
    refusals.DELETED,
    refusals.NOT_OPEN,
    refusals.NO_ACCOUNT,
    refusals.OTHER_TYPE,
    refusals.TAKEN,
    comparison.OTHER_CURRENCY,
    entries.OTHER_CURRENCY,
    differences.FURTHER,
    gettext_noop("%(field)s cannot be read."),
    gettext_noop("%(field)s is missing."),
    gettext_noop("%(field)s is not a number."),
    gettext_noop("%(field)s is out of range: %(error)s."),
    gettext_noop("%(field)s is negative."),
    gettext_noop("%(field)s is not a plausible date."),
    gettext_noop("%(field)s is longer than %(length)s characters and was shortened."),
    gettext_noop("%(field)s contains a number that is too large."),
    gettext_noop("Created until %(until)s. %(what)s"),
    gettext_noop("Created since %(since)s. %(what)s"),
    gettext_noop("Created between %(since)s and %(until)s. %(what)s"),
    gettext_noop("%(count)s objects have no readable Id."),
    gettext_noop("QuickBooks refused an object in its answer (code %(code)s)."),
    gettext_noop("QuickBooks refused the request (code %(code)s)."),
    gettext_noop("QuickBooks' response cannot be read: %(error)s."),
    gettext_noop("QuickBooks' trial balance cannot be read: %(error)s."),
    gettext_noop("QuickBooks' receivables report cannot be read: %(error)s."),
    gettext_noop("QuickBooks' general ledger cannot be read: %(error)s."),
    gettext_noop("%(document)s, which infactor has not written."),
    gettext_noop("infactor wrote %(expected)s, now it is %(actual)s."),
    gettext_noop("Somebody has changed the same in QuickBooks meanwhile: %(fields)s."),
)
