"""Staff's pages of month end."""

from infactor.month_end.admin import rows  # noqa: F401  it registers its models
