"""`make bench`: infactor's import beside what people usually write, against one stub and one PostgreSQL."""
