"""Invoice verification: buyers confirm or dispute an invoice on a page that they open by a signed link."""
