"""Commands: read arguments, wire the parts, print, choose the exit code."""
