"""The demo data of `make run`: a company in mid-life, its story as data and what plays it."""
