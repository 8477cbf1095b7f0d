"""One file per command of `python app.py`. Each declares one constant, COMMAND."""
