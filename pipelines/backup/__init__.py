"""Backup and restore of all that belongs to a folder of results."""

from rind.pipelines.backup.archive import Backup, read_archive, write_archive
from rind.pipelines.backup.restoring import restore
from rind.pipelines.backup.staging import staged

__all__ = ["Backup", "read_archive", "restore", "staged", "write_archive"]
