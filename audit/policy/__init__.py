"""What rules are told by lists that a bureau may read and have changed: no law gives them word by word."""
