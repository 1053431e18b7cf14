"""What the booth still owes the office: rows outlive power cuts, and go only against a signed acknowledgement."""
