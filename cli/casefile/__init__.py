"""The case file (一户一档): the archive of one case, its contents and its forms, a page and a PDF."""
