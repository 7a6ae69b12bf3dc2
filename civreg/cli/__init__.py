"""Dòng lệnh: one file per feature; each offers `commands`, which the factory hangs under `flask --app app`.

Commands parse, call one service or rule, print. With `--json` one object goes to standard output and nothing else;
errors are one Vietnamese sentence on standard error: status 2 for bad arguments or input, 1 for a refused action.
"""
