"""The rules, each in a file of its own that defines `RULE`; a file in this folder is a rule because it is here."""
