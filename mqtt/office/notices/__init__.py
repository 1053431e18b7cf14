"""Notices at the office: composed by the regulation, signed by officers on duty, kept, and asked after."""
