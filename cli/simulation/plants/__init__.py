"""Irregularities that the rules must find, and look-alikes at which they must stay silent, planted in a county."""
