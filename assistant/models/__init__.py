"""Models: what there is, what is installed, and how it is fetched and checked."""

from assistant.models.files import InstalledModel, Problem, Progress
from assistant.models.store import Fetched, ModelStore

__all__ = ["Fetched", "InstalledModel", "ModelStore", "Problem", "Progress"]
