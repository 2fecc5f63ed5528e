"""Policy: staff set terms and limits and override rules, each with a reason and an audit trail."""
