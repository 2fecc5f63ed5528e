"""The objects of QuickBooks Online as data: what each can do, in which editions and countries, and the reports."""
