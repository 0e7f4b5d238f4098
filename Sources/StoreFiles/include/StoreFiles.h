#ifndef STORE_FILES_H
#define STORE_FILES_H

/// Makes the file system `headgate` known to SQLite; twice is harmless.
///
/// It is the usual one, but for two things. What a transaction appends to a write-ahead log goes into the file in one
/// write, when the frame that commits it is there: SQLite writes each page of it in two, and a commit of two pages spends
/// more on its writes than on everything else but the sync. And a database that is opened to be read only, from front to
/// back, is read many pages at a time.
///
/// Returns SQLite's code: 0 when it is known.
int headgate_register_files(void);

/// Has a connection, a `sqlite3 *`, leave the log beside its database as it is when it is closed.
///
/// Returns SQLite's code.
int headgate_leave_log(void *database);

#endif
