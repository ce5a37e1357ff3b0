"""The sentence with which an error sends its reader to the doctor."""

from __future__ import annotations


def ask_the_account(tap: str) -> str:
    """Return what to do where the account itself can say which setting is right.

    Args:
        tap: The tap's command.
    """
    return f"Run {tap} --config … --doctor, which asks the account what is right"
