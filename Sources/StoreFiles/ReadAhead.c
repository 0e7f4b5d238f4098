#include "Parts.h"

#include <stdlib.h>
#include <string.h>

// So much is read at once, of a file that is read from front to back.
enum { window = 1 << 17 };

// Pages of other tables lie between those of the one that is read: so far apart it is still from front to back.
enum { gap = 1 << 16 };

int read_ahead_open(ReadAhead *ahead) { return (ahead->bytes = malloc(window)) != NULL; }

void read_ahead_forget(ReadAhead *ahead) { ahead->count = 0; }

static int isKnown(const ReadAhead *ahead, int count, sqlite3_int64 offset) {
  return offset >= ahead->start && offset + count <= ahead->start + ahead->count;
}

// A window that reaches beyond the end of the file cannot be read; pages there are read one by one.
static void fill(ReadAhead *ahead, sqlite3_file *file, sqlite3_int64 offset) {
  sqlite3_int64 size;
  ahead->count = 0;
  if (file->pMethods->xFileSize(file, &size) != SQLITE_OK || offset >= size) return;
  sqlite3_int64 count = size - offset < window ? size - offset : window;
  if (file->pMethods->xRead(file, ahead->bytes, (int)count, offset) != SQLITE_OK) return;
  ahead->start = offset;
  ahead->count = count;
}

int read_ahead_read(ReadAhead *ahead, sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int goesOn = offset >= ahead->end && offset - ahead->end <= gap && ahead->end > 0;
  ahead->end = offset + count;
  if (!isKnown(ahead, count, offset) && goesOn && count <= window) fill(ahead, file, offset);
  if (isKnown(ahead, count, offset)) {
    memcpy(bytes, ahead->bytes + (offset - ahead->start), (size_t)count);
    return SQLITE_OK;
  }
  return file->pMethods->xRead(file, bytes, count, offset);
}
