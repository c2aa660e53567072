"""Asks a running ngrok for the public address it has opened."""

import requests

NGROK = "http://127.0.0.1:4040"


def tunnel_address(port: int, agent: str = NGROK) -> str | None:
    """The https address of the tunnel to `port` (or of the only tunnel there is); None when no ngrok runs here."""
    try:
        found = requests.get(f"{agent}/api/tunnels", timeout=1).json()["tunnels"]
    except (requests.RequestException, ValueError, KeyError):
        return None
    secure = [tunnel for tunnel in found if str(tunnel.get("public_url", "")).startswith("https://")]
    ours = [tunnel for tunnel in secure if str(tunnel.get("config", {}).get("addr", "")).endswith(f":{port}")]
    chosen = ours or (secure if len(secure) == 1 else [])
    return str(chosen[0]["public_url"]) if chosen else None
