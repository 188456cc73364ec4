"""Red flags: what a rule is, what it is given, and the search that puts every rule to every case of the log."""
