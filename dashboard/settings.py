"""Every setting, with its default. Read once, by app; each field is the environment name KYDAI_<FIELD>."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError, convert

Port = Annotated[int, Meta(ge=1, le=65_535)]
LEAST_SECRET = 32
LEAST_SIGNS = 8  # different ones: a key of one letter, however long, is no secret


class Settings(Struct, frozen=True, kw_only=True):
    """What a person who runs Kỳ Đài may choose. docs/settings.md explains each; a test holds the two together."""

    home: str = "var"
    host: str = "127.0.0.1"
    port: Port = 8050
    intake_port: int = 0
    city: str = "hue"
    demo: bool = True
    redis_url: str = ""
    wire_url: str = ""
    database_url: str = ""
    mqtt_url: str = ""
    mqtt_source: str = "frigate"
    mqtt_topics: str = "frigate/#"
    secret_key: str = ""
    secret_key_file: str = ""
    public_url: str = ""
    open311_public: bool = False
    open311_origins: str = ""
    smtp_url: str = ""
    smtp_password_file: str = ""
    mail_from: str = ""
    proxies: int = 0
    draw_fast_ms: Annotated[int, Meta(ge=1, le=1000)] = 16
    draw_slow_ms: Annotated[int, Meta(ge=20, le=2000)] = 250
    media_gb: Annotated[float, Meta(gt=0, le=100_000)] = 20.0
    seed: int = 2026
    speed: Annotated[float, Meta(gt=0, le=10_000)] = 1.0
    street_port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class BadSetting(Exception):  # noqa: N818  a verdict on the environment
    """A setting that cannot be used; the message names it and says what it must be."""


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `environ` gives. Raises BadSetting."""
    given = {
        name: environ[key]
        for name in Settings.__struct_fields__
        if (key := f"KYDAI_{name.upper()}") in environ and environ[key] != ""
    }
    try:
        settings = convert(given, Settings, strict=False)
    except ValidationError as error:
        raise BadSetting(f"KYDAI settings: {error}") from error
    return settings


def intake_port(settings: Settings) -> int:
    """Return the port of the intake's own process: the one after the web's unless chosen."""
    return settings.intake_port or settings.port + 1
