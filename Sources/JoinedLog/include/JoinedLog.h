#ifndef JOINED_LOG_H
#define JOINED_LOG_H

/// Makes the file system `headgate` known to SQLite; twice is harmless.
///
/// It is the usual one, but what a transaction appends to a write-ahead log goes into the file in one write, when the
/// frame that commits it is there. SQLite writes each page of it in two, and a commit of two pages spends more on its
/// writes than on everything else but the sync.
///
/// Returns SQLite's code: 0 when it is known.
int headgate_register_joined_log(void);

#endif
