"""A Forward server that normalizes what it gets, sends the events on, and confirms to its client what was confirmed.

    client ─ session ─ messages ─> pieces of entries ─ work ─> ForwardOutput ─> server
       └────────────────────────── ack ◄───────────────────────────── ack ──────┘

One thread runs the sessions and normalizes, piece by piece, each session in its turn; the sender has another one.
"""
