"""Registers as they are handed up: a spreadsheet, or a page."""
