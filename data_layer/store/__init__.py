"""The lake: Delta tables, snapshots, retention, the writer's lock.

Belongs here: files, commits, hashes. Does not: what the tables mean (`schemas`), questions (`queries`).
"""

from data_layer.store.integrity import Damage
from data_layer.store.lake import Lake, PinnedSnapshot, Snapshot, TableStatistics
from data_layer.store.settings import LakeSettings
from data_layer.store.snapshot_folder import SnapshotInfo

__all__ = ["Damage", "Lake", "LakeSettings", "PinnedSnapshot", "Snapshot", "SnapshotInfo", "TableStatistics"]
