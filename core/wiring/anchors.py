"""Where the anchors of the audit log go, and whose signatures count."""

from collections.abc import Collection

from core.audit.anchors import public_key
from core.gateways.anchor_folder import AnchorFolder
from core.maintenance.anchor import AnchorPlaces
from core.ports.anchors import AnchorStore
from core.settings import Settings


def anchor_store(settings: Settings) -> AnchorStore | None:
    """The folder of the settings, if there is one."""
    return AnchorFolder(settings.audit_anchors) if settings.audit_anchors else None


def trusted_anchor_keys(settings: Settings) -> Collection[str]:
    """The public keys whose anchors count: that of the key that signs, and earlier ones."""
    own = {public_key(settings.audit_key.get_secret_value())} if settings.audit_key else set[str]()
    return own | set(settings.audit_trusted)


def anchor_places(settings: Settings) -> AnchorPlaces | None:
    """Where anchors go; None without a key."""
    if settings.audit_key is None:
        return None
    key, trusted = settings.audit_key.get_secret_value(), trusted_anchor_keys(settings)
    return AnchorPlaces(key, trusted, settings.audit_anchors is not None, settings.operator_email)
