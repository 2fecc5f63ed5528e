"""Restores an installation's initial data after a test has emptied the tables.

Tests with several database connections empty every table at their end, including rows that migrations made; Django
then sends `post_migrate` again.
"""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps


def restore_initial_data(*, sender: AppConfig, **kwargs: Any) -> None:
    """Create the first agreement and the first terms, as their migrations do, if there are none."""
    if sender.name != "infactor.financing":  # the last of the two
        return
    agreement = import_module("infactor.suppliers.migrations.0001_initial")
    if not apps.get_model("suppliers", "AgreementText").objects.exists():
        agreement.publish(apps, None)
    import_module("infactor.financing.migrations.0001_initial").create_first_terms(apps, None)
