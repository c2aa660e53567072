"""TwiML verbs, one module a family, each with the carrier's documented behaviour."""
