"""`make measure-pages` and `make measure-lighthouse`: the measures of every page, in a browser and over the network."""
