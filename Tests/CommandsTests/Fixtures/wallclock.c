// Loaded before a program: its wall clock is ahead of that of the machine by CLOCK_AHEAD seconds. Whoever waits for an
// instant of it waits so much longer, as if the clock had been set back under him.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int code = real(clock, time);
  const char *ahead = getenv("CLOCK_AHEAD");
  if (code == 0 && clock == CLOCK_REALTIME && ahead) time->tv_sec += atol(ahead);
  return code;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  int code = clock_gettime(CLOCK_REALTIME, &precise);
  if (time) *time = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
  return code;
}
