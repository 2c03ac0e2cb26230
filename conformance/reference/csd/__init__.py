"""The writer of the reference solutions: from what a region knows to the wire, contract sections 7 and 15."""
