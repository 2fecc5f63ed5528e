"""Documents as PDF: a letterhead, text, tables over many pages, and page numbers. Names of every script can be read."""
