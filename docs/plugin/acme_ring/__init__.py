"""Acme rings, for stepwindow: the reader is in `reader`, what the vendor calls activities in the folder `words`."""
