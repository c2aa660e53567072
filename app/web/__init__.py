"""What people and other programs see over HTTP, apart from the telephone: pages, probes, metrics, the JSON API."""
