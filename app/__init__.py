"""The review application for controllers: reads published marts, writes decisions only."""
