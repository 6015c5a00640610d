"""An Encours home: the folder that holds one deployment's data.

Here: where things lie in it (``layout``), what ``encours.toml`` may say (``settings``), and who is working in it
(``lock``). Not here: anything that reads or writes business data.
"""
