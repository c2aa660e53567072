"""Loops over the event stream: the operator sends telephone commands, the historian keeps history."""
