"""The Forward protocol, which Fluentd and Fluent Bit speak: its bytes, and the client's side of it."""
