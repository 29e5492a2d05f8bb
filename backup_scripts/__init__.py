"""The thin scripts: what a cron job runs to back up, to restore and to prune.

Each module named after an engine and a verb is a script with its manual in its docstring:
`python -m backup_scripts.postgres_dump --help`. The others are what the scripts share.
"""
