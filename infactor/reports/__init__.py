"""Reports for staff, each as of any past moment: made anew from the ledger and from what was known then."""
