"""The first terms: the usual numbers of the market for US dollars, from which staff write their own."""

from datetime import UTC, date, datetime

from django.db import migrations

FIRST_DAY = date(2020, 1, 1)


def write(apps, schema_editor):
    FundingTerms = apps.get_model("financing", "FundingTerms")
    if not FundingTerms.objects.exists():
        FundingTerms.objects.create(
            currency="USD",
            valid_from=FIRST_DAY,
            reason="The usual numbers of the market, to begin with.",
            set_at=datetime.now(UTC),
        )


class Migration(migrations.Migration):
    dependencies = [("financing", "0002_written_once")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
