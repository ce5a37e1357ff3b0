"""XOi: workflow reports over REST, jobs, events and users over GraphQL."""

from sandbox.xoi.vendor import Xoi

VENDOR = Xoi
