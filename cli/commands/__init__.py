"""The commands, one module each: read arguments, ask the layers below, print."""
