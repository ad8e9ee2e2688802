"""What everything else stands on: errors, events, text with spans and edits, careful I/O."""
