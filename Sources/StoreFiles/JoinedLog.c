#include "Parts.h"

#include <stdlib.h>
#include <string.h>

// What a frame of the log begins with: https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log". Its bytes 4 to 7 are
// not zero in the last frame of a transaction, and only there.
enum { headerSize = 24 };

// What is kept back at most. The usual file system writes less than 128 KiB at a time.
enum { limit = 1 << 16 };

// Without memory for it the log is written piece by piece.
int joined_log_open(JoinedLog *log) { return (log->bytes = malloc(limit)) != NULL; }

static void forget(JoinedLog *log) {
  if (log->count > 0 && log->start < log->end) log->end = log->start;
  log->count = 0;
  log->completes = 0;
}

// A transaction whose bytes cannot be written comes to nothing: as long as it lasts nothing more of it is read or written.
// To write them later would be wrong, since others may write the same place of the log by then.
int joined_log_flush(JoinedLog *log, sqlite3_file *file) {
  if (log->failure) return log->failure;
  if (log->count == 0) return SQLITE_OK;
  int code = file->pMethods->xWrite(file, log->bytes, (int)log->count, log->start);
  if (code == SQLITE_OK) {
    log->count = 0;
  } else {
    forget(log);
    log->failure = code;
  }
  return code;
}

// What a transaction that was committed has written is in the file by then.
void joined_log_end_transaction(JoinedLog *log) {
  forget(log);
  log->failure = SQLITE_OK;
}

// Writes through to the file, after what waits.
static int writeThrough(JoinedLog *log, sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int code = joined_log_flush(log, file);
  return code == SQLITE_OK ? file->pMethods->xWrite(file, bytes, count, offset) : code;
}

static int append(JoinedLog *log, sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  if (offset != log->start + log->count || log->count + count > limit) {
    int code = joined_log_flush(log, file);
    if (code != SQLITE_OK) return code;
    log->start = offset;
  }
  if (count > limit) return file->pMethods->xWrite(file, bytes, count, offset);
  memcpy(log->bytes + log->count, bytes, (size_t)count);
  log->count += count;
  return SQLITE_OK;
}

static int isLastOfTransaction(const unsigned char *header) { return header[4] | header[5] | header[6] | header[7]; }

int joined_log_write(JoinedLog *log, sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int code = log->failure;
  if (code != SQLITE_OK) return code;
  if (offset >= log->end) {
    code = append(log, file, bytes, count, offset);
    if (code == SQLITE_OK) log->end = offset + count;
  } else if (log->count > 0 && offset >= log->start && offset + count <= log->start + log->count) {
    memcpy(log->bytes + (offset - log->start), bytes, (size_t)count);
    code = SQLITE_OK;
  } else {
    code = writeThrough(log, file, bytes, count, offset);
    // The log is begun anew.
    if (code == SQLITE_OK && offset == 0) log->end = count;
  }
  if (code != SQLITE_OK) return code;
  int completes = log->completes;
  log->completes = count == headerSize && isLastOfTransaction(bytes);
  return completes ? joined_log_flush(log, file) : SQLITE_OK;
}

void joined_log_truncate(JoinedLog *log, sqlite3_int64 size) {
  if (size < log->end) log->end = size;
}
