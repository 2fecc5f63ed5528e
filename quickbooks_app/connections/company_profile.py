"""What a company says of itself: its edition and country, stored whenever they are read."""

from datetime import datetime, timedelta

from quickbooks_app.api.session import ApiSession
from quickbooks_app.models import Connection
from quickbooks_app.objects.editions import CompanyProfile

VALID_FOR = timedelta(days=1)  # a company may gain or lose an edition on any day


def refresh(session: ApiSession, *, at: datetime) -> CompanyProfile:
    """Read the company's edition and country for one metered call, and store them."""
    info = session.call(session.client.company_info)
    profile = CompanyProfile(edition=info.edition, country=(info.Country or "")[:3])
    Connection.objects.filter(pk=session.connection.pk).update(
        edition=profile.edition, country=profile.country, company_read_at=at
    )
    session.client.company = profile
    return profile


def is_old(connection: Connection, *, at: datetime) -> bool:
    """Whether the company may have another edition by now."""
    return connection.company_read_at is None or at - connection.company_read_at >= VALID_FOR
