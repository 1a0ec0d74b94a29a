"""The database: one Aurora cluster in each region, joined into a global one."""

from components.database.aurora import PORT, Database, DatabaseArgs, GlobalDatabase, GlobalDatabaseArgs
from components.database.proxy import DatabaseProxy, DatabaseProxyArgs, render_secrets_policy
from components.database.roles import DatabaseRoleArgs, DatabaseRoles, DatabaseRolesArgs

__all__ = [
    "PORT",
    "Database",
    "DatabaseArgs",
    "DatabaseProxy",
    "DatabaseProxyArgs",
    "DatabaseRoleArgs",
    "DatabaseRoles",
    "DatabaseRolesArgs",
    "GlobalDatabase",
    "GlobalDatabaseArgs",
    "render_secrets_policy",
]
