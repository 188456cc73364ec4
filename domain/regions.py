"""Region codes (GB/T 2260): 6 digits name a county, 9 a township, 12 a village; a village is sealed."""


def township_of(code: str) -> str | None:
    """Return the township (9 digits) of a village code, or the county (6), or None when it is no such code."""
    digits = code if code.isascii() and code.isdigit() else ""
    return digits[:9] if len(digits) >= 9 else (digits if len(digits) == 6 else None)
