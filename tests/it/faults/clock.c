/* A clock that a test can step while the program runs: preloaded, it adds seconds from a shared file to what
   the system says. The first number is for the time of day, the second for the time since the start. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile long long *offsets;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(0, 16, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offsets = mapped;
}

int clock_gettime(clockid_t id, struct timespec *at) {
    int answer = (int)syscall(SYS_clock_gettime, id, at);
    if (answer == 0 && offsets) {
        if (id == CLOCK_REALTIME) at->tv_sec += offsets[0];
        if (id == CLOCK_MONOTONIC) at->tv_sec += offsets[1];
    }
    return answer;
}
