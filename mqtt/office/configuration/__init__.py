"""Configuration at the office: drafts that people edit, revisions that are pushed, and how far each has come."""
