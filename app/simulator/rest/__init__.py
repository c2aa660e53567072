"""The REST API that the server calls: the resources that it uses, in the carrier's shapes."""
