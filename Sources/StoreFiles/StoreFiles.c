#include "StoreFiles.h"

#include "Parts.h"

#include <stdlib.h>
#include <string.h>

// A file of ours. The one of the usual file system stands behind it in memory.
typedef struct File {
  sqlite3_file base;
  JoinedLog log;
  ReadAhead ahead;
  // Of a log the database, and of a database its log, while both are open.
  struct File *partner;
} File;

static sqlite3_vfs *usual;

static sqlite3_file *behind(sqlite3_file *file) { return (sqlite3_file *)((File *)file + 1); }
static JoinedLog *logOf(sqlite3_file *file) { return &((File *)file)->log; }
static ReadAhead *aheadOf(sqlite3_file *file) { return &((File *)file)->ahead; }

#define CALL(file, method, ...) (behind(file)->pMethods->method(behind(file), ##__VA_ARGS__))

static int flush(sqlite3_file *file) { return joined_log_flush(logOf(file), behind(file)); }

static int fileWrite(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  read_ahead_forget(aheadOf(file));
  if (!logOf(file)->bytes) return CALL(file, xWrite, bytes, count, offset);
  return joined_log_write(logOf(file), behind(file), bytes, count, offset);
}

static void part(File *file) {
  if (file->partner) file->partner->partner = NULL;
  file->partner = NULL;
}

// What still waits was never committed.
static int fileClose(sqlite3_file *file) {
  part((File *)file);
  free(logOf(file)->bytes);
  free(aheadOf(file)->bytes);
  return CALL(file, xClose);
}

// Everything else sees the file as it would be.

#define AFTER_FLUSH(file, method, ...)                                   \
  do {                                                                   \
    int code = flush(file);                                              \
    return code == SQLITE_OK ? CALL(file, method, ##__VA_ARGS__) : code; \
  } while (0)

static int fileRead(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  if (aheadOf(file)->bytes) return read_ahead_read(aheadOf(file), behind(file), bytes, count, offset);
  AFTER_FLUSH(file, xRead, bytes, count, offset);
}
static int fileTruncate(sqlite3_file *file, sqlite3_int64 size) {
  read_ahead_forget(aheadOf(file));
  joined_log_truncate(logOf(file), size);
  AFTER_FLUSH(file, xTruncate, size);
}
static int fileSync(sqlite3_file *file, int flags) { AFTER_FLUSH(file, xSync, flags); }
static int fileFileSize(sqlite3_file *file, sqlite3_int64 *size) { AFTER_FLUSH(file, xFileSize, size); }
static int fileFileControl(sqlite3_file *file, int what, void *with) { AFTER_FLUSH(file, xFileControl, what, with); }

// Who takes a lock begins to read: what was read before may have been written over.
static int fileLock(sqlite3_file *file, int lock) {
  read_ahead_forget(aheadOf(file));
  return CALL(file, xLock, lock);
}
static int fileUnlock(sqlite3_file *file, int lock) { return CALL(file, xUnlock, lock); }
static int fileCheckReservedLock(sqlite3_file *file, int *held) { return CALL(file, xCheckReservedLock, held); }
static int fileSectorSize(sqlite3_file *file) { return CALL(file, xSectorSize); }
static int fileDeviceCharacteristics(sqlite3_file *file) { return CALL(file, xDeviceCharacteristics); }
static int fileShmMap(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  return CALL(file, xShmMap, page, size, extend, memory);
}

// The first of the locks is that of whoever writes: with it a transaction ends, whatever came of it.
static int endsTransaction(int offset, int flags) {
  return offset == 0 && flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
}

static int fileShmLock(sqlite3_file *file, int offset, int count, int flags) {
  read_ahead_forget(aheadOf(file));
  File *log = ((File *)file)->partner;
  if (log && endsTransaction(offset, flags)) joined_log_end_transaction(&log->log);
  return CALL(file, xShmLock, offset, count, flags);
}
static void fileShmBarrier(sqlite3_file *file) { CALL(file, xShmBarrier); }
static int fileShmUnmap(sqlite3_file *file, int remove) { return CALL(file, xShmUnmap, remove); }
static int fileFetch(sqlite3_file *file, sqlite3_int64 offset, int count, void **memory) {
  return CALL(file, xFetch, offset, count, memory);
}
static int fileUnfetch(sqlite3_file *file, sqlite3_int64 offset, void *memory) {
  return CALL(file, xUnfetch, offset, memory);
}

static const sqlite3_io_methods methods = {
    3,            fileClose,  fileRead,        fileWrite,  fileTruncate,          fileSync,
    fileFileSize, fileLock,   fileUnlock,      fileCheckReservedLock, fileFileControl, fileSectorSize,
    fileDeviceCharacteristics, fileShmMap,     fileShmLock, fileShmBarrier,       fileShmUnmap,
    fileFetch,    fileUnfetch,
};

// Joined only where it is seen when a transaction ends.
static void openLog(File *file, sqlite3_filename path) {
  sqlite3_file *database = sqlite3_database_file_object(path);
  if (!database || database->pMethods != &methods || !joined_log_open(&file->log)) return;
  file->partner = (File *)database;
  file->partner->partner = file;
}

static int openFile(sqlite3_vfs *system, sqlite3_filename path, sqlite3_file *file, int flags, int *opened) {
  (void)system;
  memset(file, 0, sizeof(File));
  int code = usual->xOpen(usual, path, behind(file), flags, opened);
  if (code != SQLITE_OK) return code;
  file->pMethods = &methods;
  if (flags & SQLITE_OPEN_WAL) openLog((File *)file, path);
  if (flags & SQLITE_OPEN_MAIN_DB && flags & SQLITE_OPEN_READONLY) read_ahead_open(aheadOf(file));
  return SQLITE_OK;
}

int headgate_register_files(void) {
  static sqlite3_vfs ours;
  if (usual) return SQLITE_OK;
  sqlite3_vfs *found = sqlite3_vfs_find(0);
  if (!found) return SQLITE_ERROR;
  ours = *found;
  ours.pNext = 0;
  ours.zName = "headgate";
  ours.szOsFile = (int)sizeof(File) + found->szOsFile;
  ours.xOpen = openFile;
  usual = found;
  return sqlite3_vfs_register(&ours, 0);
}

int headgate_leave_log(void *database) {
  return sqlite3_db_config((sqlite3 *)database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
