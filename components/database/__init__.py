"""The database: one Aurora cluster in each region, joined into a global one."""

from components.database.aurora import PORT, Database, DatabaseArgs, GlobalDatabase, GlobalDatabaseArgs

__all__ = ["PORT", "Database", "DatabaseArgs", "GlobalDatabase", "GlobalDatabaseArgs"]
