"""Settings: every one has a default, so that an empty file is a working configuration."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AudioSettings(_Section):
    """Microphone and loudspeaker."""

    input: str = Field("default", description='"default", "none", or (part of) a device name')
    output: str = Field("default", description='"default", "none", or (part of) a device name')
    volume: int = Field(100, ge=0, le=100, description="loudness of replies and alarms in percent")


class WakeSettings(_Section):
    """The wake word."""

    enabled: bool = Field(True, description="false: push-to-talk only")
    word: Literal["okay_nabu", "hey_jarvis", "hey_mycroft", "alexa"] = Field(
        "okay_nabu", description="the word that opens the microphone"
    )
    threshold: float | None = Field(
        None, ge=0.0, le=1.0, description="probability needed; leave out for the model's own"
    )
    chime: bool = Field(True, description="a short sound when the wake word was heard")


class ListeningSettings(_Section):
    """When an utterance begins and ends."""

    start_timeout_s: float = Field(5.0, gt=0, description="give up when nobody speaks for so long")
    max_utterance_s: float = Field(15.0, gt=1, description="cut speech off after so long")
    speech_threshold: float = Field(0.5, ge=0.05, le=0.95, description="voice activity above this")
    silence_complete_ms: int = Field(
        350, ge=100, description="silence that ends a sentence which is a whole request"
    )
    silence_unknown_ms: int = Field(700, ge=100, description="silence that ends any other sentence")
    silence_incomplete_ms: int = Field(
        1200, ge=100, description="silence that ends a sentence which is clearly unfinished"
    )


class WhisperSettings(_Section):
    """The Whisper recognizer."""

    model: str = Field("", description="name in the model manifest; empty: best one installed")
    threads: int = Field(0, ge=0, description="0: all cores")
    context_s: int = Field(15, ge=10, le=30, description="seconds of audio the encoder is given")


class VoskSettings(_Section):
    """The Vosk recognizer."""

    model: str = Field("", description="name in the model manifest; empty: best one installed")
    grammar: bool = Field(True, description="hear only words that the home can be asked for")


class VoiceSettings(_Section):
    """Spoken replies."""

    replies: Literal["full", "brief", "explain"] = Field(
        "full",
        description="brief: a sound where all was done; explain: also what was understood and done",
    )
    model: str = Field("", description="name in the model manifest; empty: best one installed")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="2 is twice as fast")


class ConfirmTimeouts(_Section):
    """How many seconds a kind of device may take to show the new state.

    A kind that is not listed has mqtt.confirm_timeout_s. A cover or valve counts as soon as it
    moves.
    """

    alarm_control_panel: float = Field(8.0, gt=0, description="alarm panels")
    climate: float = Field(5.0, gt=0, description="thermostats")
    cover: float = Field(5.0, gt=0, description="blinds, curtains, doors and gates")
    humidifier: float = Field(4.0, gt=0, description="humidifiers")
    lawn_mower: float = Field(8.0, gt=0, description="lawn mowers")
    lock: float = Field(8.0, gt=0, description="locks")
    media_player: float = Field(4.0, gt=0, description="media players")
    siren: float = Field(3.0, gt=0, description="sirens")
    vacuum: float = Field(8.0, gt=0, description="vacuum cleaners")
    valve: float = Field(5.0, gt=0, description="valves")
    water_heater: float = Field(5.0, gt=0, description="water heaters")

    def of(self, kind: str) -> float | None:
        """The time of a type of device; None where it has none of its own."""
        return getattr(self, kind) if kind in type(self).model_fields else None


_TOPIC_BEGINNING = r"^[^+#\x00]*[^+#/\x00][^+#\x00]*$"
"""Regular expression of what an MQTT topic may begin with."""


class MqttSettings(_Section):
    """The MQTT broker; without a host an embedded one and a demo home are used."""

    host: str = Field("", description="host name or address; empty: embedded broker and demo home")
    port: int = Field(
        1883,
        ge=1,
        le=65535,
        description="port; left out with TLS 8883, with websockets 80, with both 443; "
        "with an empty host the one to try",
    )
    username: str = Field("", description="user name, if the broker asks for one")
    password: str = Field("", description="password, if the broker asks for one", repr=False)
    protocol: Literal["auto", "5", "3.1.1"] = Field(
        "auto", description="version of MQTT; auto: 5, and 3.1.1 where the broker knows no 5"
    )
    client_id: str = Field(
        "", description="client identifier, no one else's; empty: the broker gives one"
    )
    transport: Literal["tcp", "websockets"] = Field("tcp", description="how MQTT is carried")
    websocket_path: str = Field("/mqtt", description="path of the broker's websocket")
    tls: bool = Field(False, description="encrypt, and check the broker's certificate")
    ca: str = Field(
        "", description="file with the authority's certificate (PEM); empty: those of the system"
    )
    certificate: str = Field(
        "", description="file with this client's certificate (PEM), if the broker asks for one"
    )
    key: str = Field("", description="file with its key (PEM); empty: in the certificate's file")
    tls_insecure: bool = Field(
        False, description="take a certificate that was made out for another host name"
    )
    discovery_prefix: str = Field(
        "homeassistant",
        pattern=_TOPIC_BEGINNING,
        examples=["homeassistant"],
        description="Home Assistant discovery prefix",
    )
    base_topic: str = Field(
        "assistant",
        pattern=_TOPIC_BEGINNING,
        examples=["assistant", "home/kitchen"],
        description="the assistant's own topics begin with this",
    )
    share_words: bool = Field(
        True, description="false: what is said in the room is not published by MQTT"
    )
    confirm_timeout_s: float = Field(
        2.0, gt=0, description="how long a device may take to show the new state"
    )
    confirm_timeouts: ConfirmTimeouts = ConfirmTimeouts()

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "port" in given:
            return given
        tls, websockets = given.get("tls") is True, given.get("transport") == "websockets"
        usual = {(False, False): 1883, (True, False): 8883, (False, True): 80, (True, True): 443}
        return {**given, "port": usual[tls, websockets]}

    def on_loopback(self, port: int) -> Self:
        """The same for a broker on this machine, which wants neither TLS nor a password."""
        plain = {"tls": False, "transport": "tcp", "protocol": "3.1.1", "client_id": ""}
        nobody = {"username": "", "password": "", "ca": "", "certificate": "", "key": ""}
        return self.model_copy(update={"host": "127.0.0.1", "port": port, **plain, **nobody})


class LanguageModelSettings(_Section):
    """The language model, for what no sentence template accepts."""

    enabled: bool = Field(True, description="false: nothing of llama.cpp is loaded")
    model: str = Field("", description="name in the model manifest; empty: best one installed")
    threads: int = Field(0, ge=0, description="0: one for each core that is free")
    context: int = Field(2048, ge=512, description="context length in tokens")
    gpu_layers: int | None = Field(
        None, ge=-1, description="layers on the GPU; -1: all; not set: all where one can be used"
    )
    memory_map: bool = Field(
        True, description="false: the weights are read into memory that is never given back"
    )
    cache_type: Literal["f16", "q8_0"] = Field(
        "f16", description="how evaluated tokens are kept; q8_0 takes half the memory"
    )
    flash_attention: bool | None = Field(
        None, description="not set: as llama.cpp thinks best for the machine"
    )
    load: Literal["start", "first_use"] = Field("start", description="when it is loaded")
    unload_after_s: float = Field(
        0.0, ge=0, description="let go of it when it was not needed for so long; 0: never"
    )
    server: str = Field(
        "", examples=["http://192.168.1.5:8080"],
        description="an OpenAI-compatible server to ask instead; the local model when it fails",
    )  # fmt: skip
    server_model: str = Field("", description="name of the server's model; empty: its own choice")
    api_key_file: str = Field("", description="file with the server's key, if it wants one")
    timeout_s: float = Field(5.0, gt=0, le=60, description="how long the server may take")
    chat: bool = Field(True, description="answer general questions too")
    adapter: str = Field(
        "installed",
        description='LoRA that taught the model: "installed" (the one in the models folder, if '
        'there is one for it), "none" or a .gguf file',
    )
    act_from: float | None = Field(
        None, ge=0, le=1, description="certainty from which a harmless command is done unasked"
    )
    ask_from: float | None = Field(
        None, ge=0, le=1, description="certainty from which it is asked about, not passed over"
    )


class KnowledgeSettings(_Section):
    """Your own documents, from which questions are answered by quoting."""

    folder: str = Field(
        "", description="folder of text and Markdown files; empty: knowledge beside this file"
    )


_WAYS_IN = (
    "lock.unlock",
    "lock.open",
    "cover.open_cover:garage",
    "cover.open_cover:gate",
    "cover.open_cover:door",
    "alarm_control_panel.alarm_disarm",
)


class SafetySettings(_Section):
    """What is never done without a spoken yes, or the PIN."""

    confirm: tuple[str, ...] = Field(
        (*_WAYS_IN, "alarm_control_panel.alarm_trigger", "valve.open_valve", "list.clear"),
        description='what needs a spoken "yes": service, service:device_class or service:device_id',
    )
    pin: str = Field(
        "", pattern=r"^(\d{3,12})?$", repr=False,
        description="digits to be spoken before what pin_for lists; empty: a yes is enough",
    )  # fmt: skip
    pin_for: tuple[str, ...] = Field(
        _WAYS_IN, description="what needs the PIN, if there is one; keys as in confirm"
    )
    codes: dict[str, str] = Field(
        {}, repr=False,
        description="codes of locks and alarm panels by device id; others are asked for",
    )  # fmt: skip
    confirm_timeout_s: float = Field(30.0, gt=0, description="how long a question stays open")


class DialogueSettings(_Section):
    """What was said before, for what is said next."""

    remember_s: float = Field(
        120.0, ge=0, description='how long "turn it off again" and "undo that" have a meaning'
    )


class ScheduleSettings(_Section):
    """Timers and alarms."""

    alarm_sound: str = Field(
        "",
        examples=["birds"],
        description="what alarms ring with: bell, birds, chimes, beep, one of sounds, or a WAV "
        "file; empty: the melody made for them",
    )
    timer_sound: str = Field("", description="what timers ring with, as alarm_sound")
    sounds: dict[str, str] = Field(
        {},
        examples=[{"rooster": "/etc/assistant/rooster.wav"}],
        description="WAV files by the names that alarms and timers ask for them with",
    )
    ring_timeout_s: float = Field(300.0, gt=0, description="stop ringing by itself after so long")
    ring: Literal["room", "everywhere"] = Field(
        "room",
        description="whom a ring published by MQTT is for: loudspeakers of the room where it was "
        "set, or all; this assistant's own rings in any case",
    )
    missed_after_s: float = Field(
        600.0, ge=0, description="what was due longer ago, while it was off, is told and not rung"
    )


class PlaceSettings(_Section):
    """Where on the earth the home is, for sunrise and sunset; nobody is told."""

    latitude: float | None = Field(None, ge=-90, le=90, description="degrees, north is positive")
    longitude: float | None = Field(None, ge=-180, le=180, description="degrees, east is positive")


class ModelSettings(_Section):
    """Where models are."""

    directory: str = Field("", description="folder of models; empty: the data directory's")


class LogSettings(_Section):
    """The log."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severe")


class Settings(_Section):
    """Everything that can be configured."""

    language: str = Field(
        "en",
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$",
        examples=["en", "pt_BR"],
        description="language of sentences, recognition and replies",
    )
    area: str = Field("", description='the room this microphone is in, for "turn on the light"')
    sentences: str = Field(
        "", description="folder of your own sentences; empty: intents beside this file"
    )
    home: str = Field(
        "", description="home file with names, areas and groups; empty: home.yaml beside this file"
    )
    recognizer: Literal["auto", "vosk", "whisper"] = Field(
        "auto", description="auto: Vosk if a Vosk model of the language is installed, else Whisper"
    )
    audio: AudioSettings = AudioSettings()
    wake: WakeSettings = WakeSettings()
    listening: ListeningSettings = ListeningSettings()
    whisper: WhisperSettings = WhisperSettings()
    vosk: VoskSettings = VoskSettings()
    voice: VoiceSettings = VoiceSettings()
    mqtt: MqttSettings = MqttSettings()
    llm: LanguageModelSettings = LanguageModelSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    safety: SafetySettings = SafetySettings()
    dialogue: DialogueSettings = DialogueSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    place: PlaceSettings = PlaceSettings()
    routines: dict[str, tuple[str, ...]] = Field(
        {}, description='commands by the phrase that runs them: "good night" = ["lock the door"]'
    )
    models: ModelSettings = ModelSettings()
    log: LogSettings = LogSettings()
