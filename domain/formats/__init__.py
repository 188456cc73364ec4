"""The file contract with a county: columns, normalising, row checks. Pure: cells in, values and faults out."""
