"""What it means to be a child of the Fluentd filter plugin, and what is shipped for Fluentd's side."""
