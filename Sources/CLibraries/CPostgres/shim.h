#pragma once

#include <libpq-fe.h>
#include <string.h>

/* The names of error fields are macros of character literals, which Swift doesn't import with the type that it needs. */
static const int tandem_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int tandem_diag_message = PG_DIAG_MESSAGE_PRIMARY;

static inline void tandem_pq_ignore_notice(void *context, const PGresult *notice) {
    (void)context;
    (void)notice;
}

/* libpq writes notices to standard error unless told otherwise. */
static inline void tandem_pq_ignore_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, tandem_pq_ignore_notice, 0);
}

/* Of what a server says unasked, the reason why it hangs up: a fatal error, or the warning that it ends or has crashed (57P..).
   Anything else, such as that a table exists already, explains no later end of the connection. */
static inline void tandem_pq_note(void *context, const PGresult *notice) {
    const char *state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!state || !severity) return;
    if (!strcmp(severity, "FATAL") || !strcmp(severity, "PANIC") || !strncmp(state, "57P", 3))
        strncpy((char *)context, state, 5);
}

/* Keeps the code of the server's reason to hang up in `state`, which holds six characters, the last of them zero. */
static inline void tandem_pq_keep_notice(PGconn *connection, char *state) {
    PQsetNoticeReceiver(connection, tandem_pq_note, state);
}
