"""A county's delivery on disk: which files there are, of which kind, and the raw rows they hold."""
