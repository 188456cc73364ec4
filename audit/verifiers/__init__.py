"""Two verifiers of dossiers for people outside, each a file of its own that imports nothing of ours.

`verify_dossier.py` needs Python and `cryptography`, `verifier.html` a browser. Both were written from docs/format.md
alone.
"""
