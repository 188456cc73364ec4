"""Verification and replay over the stored bytes themselves; trusts no projection."""
