"""Simulated homes: what devices do, and how each dialect says it."""

from assistant.home.simulator.simulator import Happening, Simulator, Speaks
from assistant.home.simulator.troubles import RUBBISH, Troubles

__all__ = ["RUBBISH", "Happening", "Simulator", "Speaks", "Troubles"]
