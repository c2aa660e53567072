"""The thin shell around the core: read, let the core decide, commit; a lost race reads and decides again."""
