"""Celery tasks."""

from celery import shared_task


@shared_task
def dispatch_due() -> None:
    """x"""
