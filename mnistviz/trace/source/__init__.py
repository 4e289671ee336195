"""Where an operation stands in the source: files, spans, syntax trees."""
