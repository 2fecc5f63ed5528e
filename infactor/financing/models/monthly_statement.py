"""The monthly statements that suppliers were told of."""

from django.db import models


class MonthlyStatement(models.Model):
    """The supplier was told that its statement of the month that begins on `month` is ready. Once, whoever tells it."""

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="monthly_statements")
    month = models.DateField()
    announced_at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "supplier_id"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "month"], name="one_statement_a_supplier_and_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="statement_month_is_a_first_day"),
        ]

    def __str__(self) -> str:
        return f"Statement {self.month:%Y-%m} of {self.supplier_id}"
