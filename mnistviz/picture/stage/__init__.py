"""Cards on the stage: their form, their colours, their places, and the moment that a drawing makes of them."""
