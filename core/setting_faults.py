"""What settings may not be, in any environment and in production. A fault has no value, which may be secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from core.addresses import is_network, is_private

if TYPE_CHECKING:
    from pydantic import SecretStr

    from core.settings import Settings

DEVELOPMENT_STRIPE_KEY = "sk_test_emulator"
# Bytes, as RFC 7518 asks for HS256.
SHORTEST_JWT_SECRET: Final = 32
SHORTEST_TOTP_KEY: Final = 32
SHORTEST_METRICS_TOKEN: Final = 32
SHORTEST_LIVEKIT_SECRET: Final = 32
# Characters after the prefix. Stripe's oldest keys have 24; this repository's made-up values have fewer.
SHORTEST_STRIPE_SECRET: Final = 24
# Whether a key with this prefix is of live mode.
_KEY_MODES: Final = {"sk_live_": True, "rk_live_": True, "sk_test_": False, "rk_test_": False}
_LIVEKIT_URL: Final = re.compile(r"wss?://[^/\s]+(/[^\s]*)?")
_WEBHOOK_PREFIX: Final = "whsec_"
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
# Flower takes a comma for the end of a pair.
_BASIC_AUTH: Final = re.compile(r"[^:,\s]+:[^,\s]{16,}")
_ED25519: Final = re.compile(r"[0-9a-f]{64}")
NO_PROXIES: Final = "none"
# In the secrets and passwords of development, such as those of docker-compose.yml.
_DEVELOPMENT_MARK: Final = "development-only"


def faults_of(given: Settings) -> list[str]:
    """What no environment may have."""
    key = given.stripe_secret_key.get_secret_value()
    mode = _key_mode(key)
    faults = [
        f"AULA_{name.upper()} is not UTF-8"
        for name in ("jwt_secret", "totp_key", "stripe_secret_key", "stripe_webhook_secret", "livekit_api_secret")
        if not _is_utf8(getattr(given, name).get_secret_value())
    ]
    if not key:
        faults.append("AULA_STRIPE_SECRET_KEY must not be empty")
    # The key of the emulator has no account behind it, so its mode means nothing.
    if key != DEVELOPMENT_STRIPE_KEY and mode is not None and mode is not given.stripe_livemode:
        faults.append(
            f"AULA_STRIPE_SECRET_KEY is a {'live' if mode else 'test'} key, but AULA_STRIPE_LIVEMODE is "
            f"{str(given.stripe_livemode).lower()}"
        )
    if given.smtp_username is not None and not given.smtp_password.get_secret_value():
        faults.append("AULA_SMTP_PASSWORD must be set with AULA_SMTP_USERNAME")
    if not all(given.webhook_secrets):
        faults.append("AULA_STRIPE_WEBHOOK_SECRET must not be empty or have an empty part beside a comma")
    if not all(_ORIGIN.fullmatch(part) for part in given.origins):
        faults.append("AULA_ALLOWED_ORIGINS must be origins such as https://app.example, without a path")
    if not all(is_network(part) for part in given.proxies):
        faults.append(f"AULA_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, or {NO_PROXIES}")
    return faults + _key_faults(given) + _operator_faults(given) + _audit_faults(given)


def _key_faults(given: Settings) -> list[str]:
    """How short our own keys may not be, in any environment."""
    faults: list[str] = []
    if _bytes(given.jwt_secret.get_secret_value()) < SHORTEST_JWT_SECRET:
        faults.append(f"AULA_JWT_SECRET must have at least {SHORTEST_JWT_SECRET} bytes")
    if any(_bytes(part) < SHORTEST_TOTP_KEY for part in given.totp_keys):
        faults.append(f"AULA_TOTP_KEY must have at least {SHORTEST_TOTP_KEY} bytes, each part of it")
    if _bytes(given.livekit_api_secret.get_secret_value()) < SHORTEST_LIVEKIT_SECRET:
        faults.append(f"AULA_LIVEKIT_API_SECRET must have at least {SHORTEST_LIVEKIT_SECRET} bytes")
    if not _LIVEKIT_URL.fullmatch(given.livekit_url):
        faults.append("AULA_LIVEKIT_URL must be an address such as wss://live.example")
    return faults


def _bytes(value: str) -> int:
    return len(value.encode(errors="surrogateescape"))


def _operator_faults(given: Settings) -> list[str]:
    """What the secrets of the pages for operators may not be, in any environment."""
    faults: list[str] = []
    if given.metrics_token and len(given.metrics_token.get_secret_value()) < SHORTEST_METRICS_TOKEN:
        faults.append(f"AULA_METRICS_TOKEN must have at least {SHORTEST_METRICS_TOKEN} characters")
    if given.flower_basic_auth and not _BASIC_AUTH.fullmatch(given.flower_basic_auth.get_secret_value()):
        faults.append("AULA_FLOWER_BASIC_AUTH must be name:password, the password of at least 16 characters, no commas")
    return faults


def _audit_faults(given: Settings) -> list[str]:
    """What the settings of the audit log's anchors may not be, in any environment."""
    faults: list[str] = []
    if given.audit_key and not _ED25519.fullmatch(given.audit_key.get_secret_value()):
        faults.append("AULA_AUDIT_KEY must be 64 hex digits in lower case: openssl rand -hex 32")
    if not all(_ED25519.fullmatch(part) for part in given.audit_trusted):
        faults.append("AULA_AUDIT_PUBLIC_KEYS must be of 64 hex digits in lower case each")
    if given.audit_key and not (given.audit_anchors or given.operator_email):
        faults.append("AULA_AUDIT_KEY needs a place for the anchors: AULA_AUDIT_ANCHORS or AULA_OPERATOR_EMAIL")
    return faults


def production_faults_of(given: Settings) -> list[str]:
    """What production may not have, beside `faults_of`."""
    defaults = type(given).model_construct()
    faults = [
        f"AULA_{name.upper()} must be set: its default is for development only"
        for name in (
            "database_url",
            "redis_url",
            "public_url",
            "jwt_secret",
            "totp_key",
            "stripe_secret_key",
            "stripe_webhook_secret",
            "livekit_url",
            "livekit_api_key",
            "livekit_api_secret",
            "mail_sender",
            "controller",
            "controller_email",
        )
        if getattr(given, name) == getattr(defaults, name)
    ]
    faults += _production_mail_faults(given)
    if given.trusted_proxies is None:
        faults.append(f"AULA_TRUSTED_PROXIES must be set: the proxies before the API, or {NO_PROXIES}")
    if given.stripe_api_base:
        faults.append("AULA_STRIPE_API_BASE must not be set: production calls Stripe itself")
    if not given.public_url.startswith("https://"):
        faults.append("AULA_PUBLIC_URL must begin with https://")
    if not given.livekit_url.startswith("wss://"):
        faults.append("AULA_LIVEKIT_URL must begin with wss://")
    for name in ("metrics_token", "flower_basic_auth"):
        secret: SecretStr | None = getattr(given, name)
        if secret and _DEVELOPMENT_MARK in secret.get_secret_value():
            faults.append(f"AULA_{name.upper()} is for development only")
    if _DEVELOPMENT_MARK in given.database_url:
        faults.append("AULA_DATABASE_URL has the password of development")
    return faults + _production_secret_faults(given)


def _production_mail_faults(given: Settings) -> list[str]:
    faults: list[str] = []
    if "smtp_host" not in given.model_fields_set:
        faults.append("AULA_SMTP_HOST must be set, also where the mail server is on the same machine")
    if given.smtp_security == "none" and not is_private(given.smtp_host):
        faults.append("AULA_SMTP_SECURITY must be set to starttls or tls, unless AULA_SMTP_HOST is a private address")
    return faults


def _production_secret_faults(given: Settings) -> list[str]:
    jwt_secret, key = given.jwt_secret.get_secret_value(), given.stripe_secret_key.get_secret_value()
    own_secrets = (
        ("JWT_SECRET", jwt_secret),
        ("TOTP_KEY", given.totp_key.get_secret_value()),
        ("LIVEKIT_API_SECRET", given.livekit_api_secret.get_secret_value()),
    )
    faults: list[str] = []
    for name, own in own_secrets:
        if len(set(own)) == 1:
            faults.append(f"AULA_{name} repeats one character")
        if _DEVELOPMENT_MARK in own:
            faults.append(f"AULA_{name} is for development only")
    if _key_mode(key) is None:
        faults.append(f"AULA_STRIPE_SECRET_KEY must begin with one of {', '.join(_KEY_MODES)}")
    elif not _is_from_stripe(key, tuple(_KEY_MODES)):
        faults.append("AULA_STRIPE_SECRET_KEY is for development only: Stripe's keys are longer")
    if not all(part.startswith(_WEBHOOK_PREFIX) for part in given.webhook_secrets):
        faults.append(f"AULA_STRIPE_WEBHOOK_SECRET must begin with {_WEBHOOK_PREFIX}, each part of it")
    elif not all(_is_from_stripe(part, (_WEBHOOK_PREFIX,)) for part in given.webhook_secrets):
        faults.append("AULA_STRIPE_WEBHOOK_SECRET is for development only: Stripe's secrets are longer")
    return faults


def _is_utf8(value: str) -> bool:
    """Whether Python could decode the variable; it keeps other bytes as surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _key_mode(key: str) -> bool | None:
    """Whether a key is of live mode; None when its prefix does not tell."""
    return next((mode for prefix, mode in _KEY_MODES.items() if key.startswith(prefix)), None)


def _is_from_stripe(secret: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a secret is as long as Stripe's are; made-up ones of development are shorter."""
    return any(secret.startswith(p) and len(secret) - len(p) >= SHORTEST_STRIPE_SECRET for p in prefixes)
