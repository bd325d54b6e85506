#define _GNU_SOURCE // memfd_create
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MACHINE_PAGES = 1 << 12 };

long __real_sysconf(int name);
long __wrap_sysconf(int name);

// nomen refuses what exceeds the machine's memory. A small machine makes a missing check visible.
long __wrap_sysconf(int name) { return name == _SC_PHYS_PAGES ? MACHINE_PAGES : __real_sysconf(name); }

static void fill(int descriptor, const uint8_t *data, size_t n) {
    bool ok = descriptor >= 0 && ftruncate(descriptor, 0) == 0;
    for (size_t at = 0; ok && at < n;) {
        ssize_t written = pwrite(descriptor, data + at, n - at, (off_t)at);
        ok = written > 0;
        if (ok) at += (size_t)written;
    }
    fuzz_expect(ok, "a file in memory", NULL);
}

const char *fuzz_file(const uint8_t *data, size_t n) {
    static int descriptor = -1;
    static char path[64];
    if (descriptor < 0) descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    fill(descriptor, data, n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return path;
}

void fuzz_input(const uint8_t *data, size_t n) {
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = memfd_create("input", MFD_CLOEXEC);
        fuzz_expect(dup2(descriptor, STDIN_FILENO) == STDIN_FILENO, "standard input", NULL);
    }
    fill(descriptor, data, n);
    lseek(STDIN_FILENO, 0, SEEK_SET);
}

void fuzz_expect(bool holds, const char *what, const Error *err) {
    if (holds) return;
    fprintf(stderr, "fuzz: expected %s: %s\n", what, err ? err->text : "");
    abort();
}
