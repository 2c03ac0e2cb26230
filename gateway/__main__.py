"""`python -m gateway` is `ror-gateway`."""

from gateway.commands import main

main()
