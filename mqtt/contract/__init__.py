"""What office and booth have agreed on: topics, messages, frames, errors.

Pure: bytes in, typed values out, no files, no sockets, no clock. Both sides import it; it imports nothing of ours.
"""
