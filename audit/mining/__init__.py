"""The log told as a process: for tools that discover who did what, in which order, and which steps were skipped."""
