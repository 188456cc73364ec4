"""The report of `audit report`: its numbers, its sections, and the pages that they make."""
