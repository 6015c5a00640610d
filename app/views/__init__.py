"""The pages, one module each: ``show`` draws one for a session."""
