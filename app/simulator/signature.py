"""Signs webhooks the way the carrier does: HMAC-SHA1 over the public URL and the form's fields."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def signature(auth_token: str, url: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """Return the X-Twilio-Signature of a request: `url` as the carrier was given it, `fields` of its form body.

    The fragment carries connection overrides and is never signed; a repeated field counts once per distinct value.
    """
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    text = url.partition("#")[0] + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
