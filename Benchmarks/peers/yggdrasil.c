// Nanoseconds of CPU for one answer of Yggdrasil, Unleash's native engine, by its C interface: a feature's name and the
// user's context as JSON go in, the answer as JSON comes out and is given back. That is how its SDKs call it.
//
//   yggdrasil libyggdrasilffi.so
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { features = 10000, users = 64, rounds = 200000, repeats = 5 };

static double cpu(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static char *state(void) {
  char *text = malloc(features * 512), *end = text;
  end += sprintf(end, "{\"version\": 2, \"features\": [");
  for (int number = 0; number < features; number++)
    end += sprintf(end,
      "%s{\"name\": \"checkout-flag-%d\", \"enabled\": true, \"strategies\": [{\"name\": \"flexibleRollout\","
      "\"parameters\": {\"rollout\": \"%d\", \"stickiness\": \"userId\", \"groupId\": \"checkout-flag-%d\"},"
      "\"constraints\": [{\"contextName\": \"country\", \"operator\": \"IN\", \"values\": [\"de\", \"at\", \"ch\"]}]}]}",
      number ? "," : "", number, number % 100, number);
  sprintf(end, "]}");
  return text;
}

static int ascending(const void *a, const void *b) { return *(double *)a < *(double *)b ? -1 : 1; }

int main(int count, char **arguments) {
  void *library = count > 1 ? dlopen(arguments[1], RTLD_NOW) : NULL;
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
  void *(*new_engine)(void) = dlsym(library, "new_engine");
  char *(*take_state)(void *, const char *) = dlsym(library, "take_state");
  char *(*check_enabled)(void *, const char *, const char *, const char *) = dlsym(library, "check_enabled");
  void (*free_response)(char *) = dlsym(library, "free_response");
  if (!new_engine || !take_state || !check_enabled || !free_response) return fprintf(stderr, "no such engine\n"), 1;
  void *engine = new_engine();
  free_response(take_state(engine, state()));
  static char context[users][512];
  const char *countries[] = {"de", "fr", "ch", "us"};
  for (int user = 0; user < users; user++)
    sprintf(context[user],
      "{\"userId\": \"5c3d8535-f81a-4478-a6d3-%lld\", \"properties\": {\"country\": \"%s\", \"email\": \"user-%d@example.com\","
      "\"tier\": \"gold\", \"age\": \"%d\", \"beta\": \"true\", \"app\": \"checkout\", \"version\": \"2.%d.1\"}}",
      100000000000LL + user, countries[user % 4], user, user % 90, user % 20);
  double nanoseconds[repeats];
  long matched = 0;
  for (int repeat = 0; repeat < repeats; repeat++) {
    double start = cpu();
    for (int round = 0; round < rounds; round++) {
      char *answer = check_enabled(engine, "checkout-flag-4711", context[round & 63], "{}");
      matched += strstr(answer, "true") != NULL;
      free_response(answer);
    }
    nanoseconds[repeat] = (cpu() - start) / rounds;
  }
  if (matched == 0 || matched == (long)repeats * rounds) return fprintf(stderr, "%ld answers matched\n", matched), 1;
  qsort(nanoseconds, repeats, sizeof(double), ascending);
  printf("%.1f\n", nanoseconds[repeats / 2]);
  return 0;
}
