"""The page of ``mmderain serve``: jobs of visitors, one after the other."""
