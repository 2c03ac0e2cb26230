"""The content of the reference regions: real establishments, fictional people, deterministic offers."""

from conformance.reference.content.region import content

__all__ = ["content"]
