"""The reference regional solutions: SOAP 1.2 servers that speak their own dialects of the contract."""

from conformance.reference.solutions.server import application

__all__ = ["application"]
