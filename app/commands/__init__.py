"""What the commands of `switchboard` do, beneath the thin functions of `app.cli`."""
