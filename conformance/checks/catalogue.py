"""The checks of this release, in the order of a run."""

from conformance.checks import count, notification, refusal, tree

CHECKS = (notification.CHECK, tree.CHECK, count.CHECK, refusal.CHECK)
