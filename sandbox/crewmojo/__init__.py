"""Crewmojo: tabular reports, at once or after a while."""

from sandbox.crewmojo.vendor import Crewmojo

VENDOR = Crewmojo
