#include "JoinedLog.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// What a frame of the log begins with: https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log". Its bytes 4 to 7 are
// not zero in the last frame of a transaction, and only there.
enum { headerSize = 24 };

// What is kept back at most. The usual file system writes less than 128 KiB at a time.
enum { limit = 1 << 16 };

// A file of ours. The one of the usual file system stands behind it in memory.
typedef struct {
  sqlite3_file base;
  // `NULL` of a file that is no log. Else what was appended and is not in the file yet: `count` bytes, for `start`.
  unsigned char *bytes;
  sqlite3_int64 count;
  sqlite3_int64 start;
  // Where the next bytes are appended; what is written before it changes what is there.
  sqlite3_int64 end;
  // Whether the page comes next that completes a transaction.
  int completes;
} File;

static sqlite3_vfs *usual;

static sqlite3_file *behind(sqlite3_file *file) { return (sqlite3_file *)((File *)file + 1); }

#define CALL(file, method, ...) (behind(file)->pMethods->method(behind(file), ##__VA_ARGS__))

// What cannot be written is kept, and written first the next time: SQLite takes it to be there.
static int flush(sqlite3_file *file) {
  File *log = (File *)file;
  if (log->count == 0) return SQLITE_OK;
  int code = CALL(file, xWrite, log->bytes, (int)log->count, log->start);
  if (code == SQLITE_OK) log->count = 0;
  return code;
}

// Writes through to the file, after what waits.
static int writeThrough(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int code = flush(file);
  return code == SQLITE_OK ? CALL(file, xWrite, bytes, count, offset) : code;
}

static int append(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  File *log = (File *)file;
  if (offset != log->start + log->count || log->count + count > limit) {
    int code = flush(file);
    if (code != SQLITE_OK) return code;
    log->start = offset;
  }
  if (count > limit) return CALL(file, xWrite, bytes, count, offset);
  memcpy(log->bytes + log->count, bytes, (size_t)count);
  log->count += count;
  return SQLITE_OK;
}

static int isLastOfTransaction(const unsigned char *header) { return header[4] | header[5] | header[6] | header[7]; }

static int logWrite(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  File *log = (File *)file;
  if (!log->bytes) return CALL(file, xWrite, bytes, count, offset);
  int code;
  if (offset >= log->end) {
    code = append(file, bytes, count, offset);
    if (code == SQLITE_OK) log->end = offset + count;
  } else if (log->count > 0 && offset >= log->start && offset + count <= log->start + log->count) {
    memcpy(log->bytes + (offset - log->start), bytes, (size_t)count);
    code = SQLITE_OK;
  } else {
    code = writeThrough(file, bytes, count, offset);
    // The log is begun anew.
    if (code == SQLITE_OK && offset == 0) log->end = count;
  }
  if (code != SQLITE_OK) return code;
  int completes = log->completes;
  log->completes = count == headerSize && isLastOfTransaction(bytes);
  return completes ? flush(file) : SQLITE_OK;
}

static int logClose(sqlite3_file *file) {
  int code = flush(file), closed = CALL(file, xClose);
  free(((File *)file)->bytes);
  return code == SQLITE_OK ? closed : code;
}

// Everything else sees the file as it would be.

#define AFTER_FLUSH(file, method, ...)                              \
  do {                                                              \
    int code = flush(file);                                         \
    return code == SQLITE_OK ? CALL(file, method, ##__VA_ARGS__) : code; \
  } while (0)

static int logRead(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  AFTER_FLUSH(file, xRead, bytes, count, offset);
}
static int logTruncate(sqlite3_file *file, sqlite3_int64 size) {
  if (size < ((File *)file)->end) ((File *)file)->end = size;
  AFTER_FLUSH(file, xTruncate, size);
}
static int logSync(sqlite3_file *file, int flags) { AFTER_FLUSH(file, xSync, flags); }
static int logFileSize(sqlite3_file *file, sqlite3_int64 *size) { AFTER_FLUSH(file, xFileSize, size); }
static int logFileControl(sqlite3_file *file, int what, void *with) { AFTER_FLUSH(file, xFileControl, what, with); }

static int logLock(sqlite3_file *file, int lock) { return CALL(file, xLock, lock); }
static int logUnlock(sqlite3_file *file, int lock) { return CALL(file, xUnlock, lock); }
static int logCheckReservedLock(sqlite3_file *file, int *held) { return CALL(file, xCheckReservedLock, held); }
static int logSectorSize(sqlite3_file *file) { return CALL(file, xSectorSize); }
static int logDeviceCharacteristics(sqlite3_file *file) { return CALL(file, xDeviceCharacteristics); }
static int logShmMap(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  return CALL(file, xShmMap, page, size, extend, memory);
}
static int logShmLock(sqlite3_file *file, int offset, int count, int flags) {
  return CALL(file, xShmLock, offset, count, flags);
}
static void logShmBarrier(sqlite3_file *file) { CALL(file, xShmBarrier); }
static int logShmUnmap(sqlite3_file *file, int remove) { return CALL(file, xShmUnmap, remove); }
static int logFetch(sqlite3_file *file, sqlite3_int64 offset, int count, void **memory) {
  return CALL(file, xFetch, offset, count, memory);
}
static int logUnfetch(sqlite3_file *file, sqlite3_int64 offset, void *memory) {
  return CALL(file, xUnfetch, offset, memory);
}

static const sqlite3_io_methods methods = {
    3,          logClose,      logRead,        logWrite,  logTruncate,          logSync,
    logFileSize, logLock,      logUnlock,      logCheckReservedLock, logFileControl, logSectorSize,
    logDeviceCharacteristics,  logShmMap,      logShmLock, logShmBarrier,       logShmUnmap,
    logFetch,   logUnfetch,
};

static int openFile(sqlite3_vfs *system, sqlite3_filename path, sqlite3_file *file, int flags, int *opened) {
  (void)system;
  memset(file, 0, sizeof(File));
  int code = usual->xOpen(usual, path, behind(file), flags, opened);
  if (code != SQLITE_OK) return code;
  file->pMethods = &methods;
  if (!(flags & SQLITE_OPEN_WAL)) return SQLITE_OK;
  // Without memory for it the log is written piece by piece.
  ((File *)file)->bytes = malloc(limit);
  return SQLITE_OK;
}

int headgate_register_joined_log(void) {
  static sqlite3_vfs joined;
  if (usual) return SQLITE_OK;
  sqlite3_vfs *found = sqlite3_vfs_find(0);
  if (!found) return SQLITE_ERROR;
  joined = *found;
  joined.pNext = 0;
  joined.zName = "headgate";
  joined.szOsFile = (int)sizeof(File) + found->szOsFile;
  joined.xOpen = openFile;
  usual = found;
  return sqlite3_vfs_register(&joined, 0);
}
