"""What ties objects together: references, links, charges, addresses and the balances that follow from them."""
