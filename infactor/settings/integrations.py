"""Settings of QuickBooks Online, of infactor's bank account, and of Celery."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from infactor.settings.environment import VAR_DIR, env

# --- QuickBooks Online ------------------------------------------------------------------------------------
# local: the sandbox on this machine (quickbooks_app/sandbox). sandbox, production: Intuit's environments.
QUICKBOOKS_ENVIRONMENT = env.str("QUICKBOOKS_ENVIRONMENT", "production")
# The keys of the first integration. Staff add others in admin.
QUICKBOOKS_CLIENT_ID = env.str("QUICKBOOKS_CLIENT_ID", "")
QUICKBOOKS_CLIENT_SECRET = env.str("QUICKBOOKS_CLIENT_SECRET", "")
QUICKBOOKS_REDIRECT_URI = env.str("QUICKBOOKS_REDIRECT_URI", "")
# The verifier token on the app's Webhooks page at Intuit. Without it, webhooks of this app are refused.
QUICKBOOKS_WEBHOOK_VERIFIER = env.str("QUICKBOOKS_WEBHOOK_VERIFIER", "")
# By whether webhooks tell of changes: where they do, the scheduled reading only finds what they missed, as reads are
# metered. An hour less than a day, as books that were last read a day ago are marked as old.
QUICKBOOKS_SYNC_INTERVALS = {
    receives_webhooks: timedelta(minutes=env.int("QUICKBOOKS_SYNC_MINUTES", minutes))
    for receives_webhooks, minutes in ((True, 23 * 60), (False, 60))
}
# Intuit allows ten calls a second and 500 a minute to one company.
QUICKBOOKS_CALLS_PER_SECOND = env.int("QUICKBOOKS_CALLS_PER_SECOND", 8)
# Intuit has ignored versions below 75 since August 2025.
QUICKBOOKS_MINOR_VERSION = env.str("QUICKBOOKS_MINOR_VERSION", "75")
# The tier of Intuit's partner programme: how many reads a month it includes.
QUICKBOOKS_TIER = env.str("QUICKBOOKS_TIER", "builder")
QUICKBOOKS_TIERS = {"builder": 500_000, "silver": 1_000_000, "gold": 10_000_000, "platinum": 75_000_000}
if QUICKBOOKS_TIER not in QUICKBOOKS_TIERS:
    raise ImproperlyConfigured(
        f"infactor does not start: QUICKBOOKS_TIER is {QUICKBOOKS_TIER!r}; it is one of {', '.join(QUICKBOOKS_TIERS)}."
    )
# Objects that are pulled beside invoices, buyers and payments: one call for a thousand of them once, then their changes
# come with those of the invoices. By default those that infactor uses: see the page "Pull and push" of a connection.
QUICKBOOKS_PULLED_OBJECTS = env.list(
    "QUICKBOOKS_PULLED_OBJECTS",
    default=[
        *("Vendor", "Bill", "VendorCredit"),
        *("Account", "Deposit"),
        *("Item", "Attachable"),
        *("Estimate", "PurchaseOrder"),
    ],
)
QUICKBOOKS_LEASE = timedelta(seconds=env.int("QUICKBOOKS_LEASE_SECONDS", 120))
# How long the daily comparisons with QuickBooks' own reports are kept; of each company the last one always is.
QUICKBOOKS_COMPLETENESS_RETENTION = timedelta(days=env.int("QUICKBOOKS_COMPLETENESS_DAYS", 400))
SANDBOX_PORT = env.int("SANDBOX_PORT", 3001)

INTUIT_CONSENT_ORIGIN = "https://appcenter.intuit.com"
CONSENT_ORIGINS = {
    "local": f"http://127.0.0.1:{SANDBOX_PORT}",
    "sandbox": INTUIT_CONSENT_ORIGIN,
    "production": INTUIT_CONSENT_ORIGIN,
}
if QUICKBOOKS_ENVIRONMENT not in CONSENT_ORIGINS:
    raise ImproperlyConfigured(
        f"infactor does not start: QUICKBOOKS_ENVIRONMENT is {QUICKBOOKS_ENVIRONMENT!r}; "
        f"it is one of {', '.join(CONSENT_ORIGINS)}."
    )

# --- Where buyers pay: infactor's bank account, told to a buyer by the notice of assignment only -------------
# It takes PAY_TO_CURRENCIES. A house account that staff choose for a currency comes first (decision 92).
PAY_TO = {
    "holder": env.str("PAY_TO_HOLDER", ""),
    "bank": env.str("PAY_TO_BANK", ""),
    "account": env.str("PAY_TO_ACCOUNT", ""),
    "routing": env.str("PAY_TO_ROUTING", ""),
}
PAY_TO_CURRENCIES = env.list("PAY_TO_CURRENCIES", default=["USD"])

# Staff hear of a house account whose money moves without a statement for more than these bank days.
STATEMENT_DAYS = env.int("STATEMENT_DAYS", 3)

# --- The watch over funded invoices: how near a payment of ours explains one in the books, and deadlines in days -----
WATCH_MATCH_DAYS = env.int("WATCH_MATCH_DAYS", 10)
WATCH_MATCH_AMOUNT = Decimal(env.str("WATCH_MATCH_AMOUNT", "1.00"))
WATCH_ANSWER_DAYS = env.int("WATCH_ANSWER_DAYS", 2)
WATCH_FORWARD_DAYS = env.int("WATCH_FORWARD_DAYS", 5)

# --- Retention: how long what grows is kept, in days. docs/security/data.md says what is kept longer, and why -----
RETENTION_MAIL_TEXT_DAYS = env.int("RETENTION_MAIL_TEXT_DAYS", 30)
RETENTION_MAIL_DAYS = env.int("RETENTION_MAIL_DAYS", 365)
RETENTION_NOTIFICATION_DAYS = env.int("RETENTION_NOTIFICATION_DAYS", 180)
RETENTION_CONSENT_DAYS = env.int("RETENTION_CONSENT_DAYS", 90)
RETENTION_ENDED_BOOKS_DAYS = env.int("RETENTION_ENDED_BOOKS_DAYS", 365)
RETENTION_UNCONFIRMED_DAYS = env.int("RETENTION_UNCONFIRMED_DAYS", 14)
RETENTION_RECORDS_DAYS = env.int("RETENTION_RECORDS_DAYS", 3653)

# --- Celery: the broker only notifies workers; every piece of work is a row in the database ------------------
REDIS_URL = env.str("REDIS_URL", "")
BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "visibility_timeout": 1800,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.2,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = bool(REDIS_URL)  # no message waits for a busy process while another is idle
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30  # after a second signal during the warm shutdown
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 2)
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "dispatch-due-imports": {
        "task": "quickbooks_app.tasks.dispatch_due_runs",
        "schedule": env.float("DISPATCH_SECONDS", 30.0),
        "options": {"expires": 60},
    },
    "send-emails": {"task": "infactor.core.tasks.send_emails", "schedule": 60.0, "options": {"expires": 60}},
    "heartbeat": {"task": "infactor.core.tasks.heartbeat", "schedule": 60.0, "options": {"expires": 60}},
    "dispatch-waiting-webhooks": {
        "task": "quickbooks_app.tasks.dispatch_waiting_webhooks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "dispatch-due-pulls": {
        "task": "quickbooks_app.tasks.dispatch_due_pulls",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "dispatch-due-checks": {
        "task": "quickbooks_app.tasks.dispatch_due_checks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "dispatch-remappings": {
        "task": "quickbooks_app.tasks.dispatch_remappings",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "dispatch-pushes": {
        "task": "quickbooks_app.tasks.dispatch_pushes",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "dispatch-bookkeeping": {
        "task": "quickbooks_app.tasks.dispatch_bookkeeping",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "dispatch-bookkeeping-comparisons": {
        "task": "quickbooks_app.tasks.dispatch_bookkeeping_comparisons",
        "schedule": crontab(minute="41"),
    },
    "dispatch-books-questions": {
        "task": "quickbooks_app.tasks.dispatch_books_questions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "delete-expired-webhooks": {
        "task": "quickbooks_app.tasks.delete_expired_webhooks",
        "schedule": crontab(hour="4", minute="17"),
    },
    "check-grant-expiry": {"task": "quickbooks_app.tasks.check_grant_expiry", "schedule": crontab(minute="23")},
    "expire-pending-choices": {
        "task": "quickbooks_app.tasks.expire_pending_choices",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "process-verifications": {
        "task": "infactor.verification.tasks.process_due",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "suggest-debtors": {
        "task": "infactor.invoices.tasks.suggest_debtors",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "recalculate-eligibility": {
        "task": "infactor.financing.tasks.recalculate_due",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "apply-due-transitions": {
        "task": "infactor.financing.tasks.apply_due_transitions",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "work-on-matchings": {
        "task": "infactor.financing.tasks.work_on_matchings",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "delete-unconfirmed-statement-files": {
        "task": "infactor.banking.tasks.delete_unconfirmed_files",
        "schedule": crontab(hour="3", minute="27"),
    },
    "remind-of-notices": {
        "task": "infactor.financing.tasks.remind_of_notices",
        "schedule": crontab(minute="41"),
        "options": {"expires": 3600},
    },
    "follow-up-promises": {
        "task": "infactor.desk.tasks.follow_up_promises",
        "schedule": crontab(minute="13"),
        "options": {"expires": 3600},
    },
    "send-digests": {
        "task": "infactor.desk.tasks.send_digests",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "watch-house-accounts": {
        "task": "infactor.desk.tasks.watch_house_accounts",
        "schedule": crontab(minute="27"),
        "options": {"expires": 3600},
    },
    "alert-unmatched-payments": {
        "task": "infactor.desk.tasks.alert_unmatched_payments",
        "schedule": crontab(minute="29"),
        "options": {"expires": 3600},
    },
    "announce-statements": {
        "task": "infactor.financing.tasks.announce_statements",
        "schedule": crontab(minute="19"),
        "options": {"expires": 3600},
    },
    "delete-expired-history": {
        "task": "quickbooks_app.tasks.delete_expired_history",
        "schedule": crontab(hour="4", minute="37"),
    },
    "delete-expired-versions": {
        "task": "infactor.financing.tasks.delete_expired_versions",
        "schedule": crontab(hour="3", minute="47"),
    },
    "prepare-exports": {
        "task": "infactor.dashboard.tasks.prepare_waiting_exports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "prepare-list-exports": {
        "task": "infactor.core.tasks.prepare_waiting_list_exports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "expire-mails-and-sessions": {
        "task": "infactor.core.tasks.expire_mails_and_sessions",
        "schedule": crontab(hour="3", minute="17"),
    },
    "delete-unconfirmed-signups": {
        "task": "infactor.suppliers.tasks.delete_unconfirmed_signups",
        "schedule": crontab(hour="3", minute="37"),
    },
    "delete-old-notifications": {
        "task": "infactor.suppliers.tasks.delete_old_notifications",
        "schedule": crontab(hour="3", minute="47"),
    },
    "verify-ledger": {"task": "infactor.ledger.tasks.verify_ledger", "schedule": crontab(hour="4", minute="57")},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
