"""Parts that several of staff's financing pages share."""
