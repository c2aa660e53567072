"""Everything that knows Twilio: what it asks of us (webhooks, media socket) and what we ask of it (REST)."""
