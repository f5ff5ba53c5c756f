#pragma once

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast that Swift can't import: SQLite copies the value before it returns. An empty value may come
   without an address, which SQLite would take for NULL. */
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text ? text : "", count, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}
