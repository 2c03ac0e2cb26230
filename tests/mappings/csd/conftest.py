"""How many documents hypothesis draws in the tests of this folder."""

from hypothesis import settings

# `make test` runs the short form; with HYPOTHESIS_PROFILE=soak the long one, never the same twice.
settings.register_profile("short", max_examples=10, deadline=None, derandomize=True, database=None)
settings.register_profile("soak", max_examples=1000, deadline=None, database=None, print_blob=True)
