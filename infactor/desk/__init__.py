"""The desk: notes and tasks of staff, collecting from buyers, and the mails that staff get."""
