"""The demo data of `make run`: eleven weeks of a company with infactor, as a scenario and its runner."""
