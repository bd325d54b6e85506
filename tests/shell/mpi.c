// Loaded into nomen-mpi by tests/shell/mpi*: a file that differs between machines, and a disk that is slow or full.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Opens $TEST_NAMES instead of a file names.txt.
int open(const char *path, int flags, ...) {
    int (*real)(const char *, int, ...);
    const char *other = getenv("TEST_NAMES"), *name = strrchr(path, '/');
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    *(void **)&real = dlsym(RTLD_NEXT, "open");
    return real(other && name && strcmp(name, "/names.txt") == 0 ? other : path, flags, mode);
}

// Takes $TEST_SECONDS, and fails from call $TEST_SYNCS on.
int fsync(int descriptor) {
    static int n;
    int (*real)(int);
    const char *seconds = getenv("TEST_SECONDS"), *most = getenv("TEST_SYNCS");
    *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    if (seconds) sleep((unsigned)atoi(seconds));
    if (!most || n++ < atoi(most)) return real(descriptor);
    errno = ENOSPC;
    return -1;
}
