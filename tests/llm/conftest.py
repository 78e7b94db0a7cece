"""The installed language model, loaded once, and a small home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.home.devices import Area, Device, Features
from assistant.home.model import Home
from assistant.llm.gguf import find_gguf
from assistant.llm.llama import LlamaModel
from assistant.llm.tier import LanguageModelTier
from assistant.models import ModelStore


@pytest.fixture(scope="session")
def model_file() -> Path:
    return find_gguf(ModelStore.from_settings(Settings()).require("llm", language="en").path)


@pytest.fixture(scope="session")
def model(model_file: Path) -> Iterator[LlamaModel]:
    loaded = LlamaModel(model_file, context=1024)
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embeddings")


@pytest.fixture
def home() -> Home:
    areas = [Area("living", "Living room"), Area("kitchen", "Kitchen"), Area("bed", "Bedroom")]
    dimmable = Features(brightness=True, color=True)
    return Home(
        [
            Device("lamp", "Floor lamp", "light", "living", features=dimmable),
            Device("ceiling", "Living room ceiling", "light", "living", features=dimmable),
            Device("kitchen_light", "Kitchen lights", "light", "kitchen", features=dimmable),
            Device("bed_light", "Bedside lamp", "light", "bed"),
            Device("fan", "Fan", "fan", "bed", features=Features(percentage=True)),
            Device("left", "Left blind", "cover", "living", device_class="blind"),
            Device("right", "Right blind", "cover", "living", device_class="blind"),
            Device("garage", "Garage door", "cover", device_class="garage"),
            Device("door", "Front door", "lock"),
            Device("heating", "Heating", "climate", features=Features(temperature=(7.0, 30.0))),
            Device("radio", "Radio", "media_player", "kitchen"),
            Device("coffee", "Coffee machine", "switch", "kitchen"),
            Device("pump", "Garden pump", "switch"),
            Device("heater", "Towel heater", "switch", "bed"),
            Device("safe", "Secret heater", "switch", "bed", exposed=False),
        ],
        areas,
    )


@pytest.fixture(scope="session")
def tier(model: LlamaModel, embeddings: Path) -> LanguageModelTier:
    return LanguageModelTier(model, "en", chat=True, cache=embeddings)
