"""How hypothesis draws: the same examples at each `make test`, so a green tree stays green; new ones in the soak."""

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("fresh", deadline=None, database=None, print_blob=True)
settings.load_profile("fresh" if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else "repeatable")
