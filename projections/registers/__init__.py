"""The registers, a file for each: what stands here the follower keeps, and nothing else has to name it."""
