"""How a row of a file becomes events, and how the events of a row become its cells again."""
