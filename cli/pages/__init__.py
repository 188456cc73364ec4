"""Pages for people: the frame of every HTML page, tables and charts drawn as SVG, and the pages themselves."""
