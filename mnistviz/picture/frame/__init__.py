"""The frame around the stage: title strip, source, inspector, caption, chapter bar and legend."""
