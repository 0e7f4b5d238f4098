#ifndef PARTS_H
#define PARTS_H

#include <sqlite3.h>

// Parts of a file that is not quite the usual one. Each has bytes that are not in the file, or that need not be read from
// it; `NULL`: this file does without.

// What was appended to a log and is not in the file yet.
typedef struct {
  unsigned char *bytes;
  // `count` bytes, for `start`.
  sqlite3_int64 count;
  sqlite3_int64 start;
  // Where the next bytes are appended; what is written before it changes what is there.
  sqlite3_int64 end;
  // Whether the page comes next that completes a transaction.
  int completes;
  // Why bytes of the transaction that is under way could not be written; 0: they were, or wait.
  int failure;
} JoinedLog;

// What was read beyond what was asked for.
typedef struct {
  unsigned char *bytes;
  // `count` bytes, from `start`.
  sqlite3_int64 count;
  sqlite3_int64 start;
  // Where the last read ended.
  sqlite3_int64 end;
} ReadAhead;

int joined_log_open(JoinedLog *log);
// Called when who wrote gives up the right to.
void joined_log_end_transaction(JoinedLog *log);
// `file` is the usual one, behind.
int joined_log_flush(JoinedLog *log, sqlite3_file *file);
int joined_log_write(JoinedLog *log, sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset);
void joined_log_truncate(JoinedLog *log, sqlite3_int64 size);

int read_ahead_open(ReadAhead *ahead);
int read_ahead_read(ReadAhead *ahead, sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset);
// Others may write from now on: what was read is forgotten.
void read_ahead_forget(ReadAhead *ahead);

#endif
