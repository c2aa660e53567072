"""Switchboard: answers calls, understands them, and queues them for the agent who can best take them."""
