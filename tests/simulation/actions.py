"""What can happen in a scenario, by weight, and the tasks that its messages start."""

from quickbooks_app import tasks

ACTIONS = {
    "resume_worker": 30,
    "deliver_message": 10,
    "edit": 16,
    "refuse": 2,
    "repair": 2,
    "outage": 1,
    "enqueue_any": 6,
    "advance_clock": 5,
    "kill": 1,
    "lose_message": 1,
    "duplicate_message": 2,
    "end_tokens": 1,
    "revoke_grants": 0.15,
    "jump_clock": 0.5,
    "request_sync": 1,
    "conceal_edit": 1,
}
JOBS = {
    "run": tasks.process_import_run,
    "inbox": tasks.process_webhooks,
    "beat": tasks.dispatch_due_runs,
    "sweep": tasks.dispatch_waiting_webhooks,
    "check": tasks.check_completeness,
    "checks": tasks.dispatch_due_checks,
}
