"""The registers that can be printed, a file for each: what stands here can be asked for, nothing else names it."""
