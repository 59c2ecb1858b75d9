"""A programme: the nights of many sites, and the lake that they give to."""
