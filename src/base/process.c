#include "base/process.h"

#include "base/file.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define TEMPORARY "a temporary file"

enum { STREAMS = 3, CHUNK_BYTES = 65536 };

// A stream that is NULL is inherited. Returns 0 or an errno.
static int start(pid_t *pid, const char *const *argv, FILE *const streams[STREAMS]) {
    posix_spawn_file_actions_t actions;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0) return status;
    for (int i = 0; status == 0 && i < STREAMS; i++)
        if (streams[i]) status = posix_spawn_file_actions_adddup2(&actions, fileno(streams[i]), i);
    // posix_spawnp takes the words without const for historical reasons. It changes none.
    union {
        const char *const *ours;
        char *const *theirs;
    } words = {.ours = argv};
    if (status == 0) status = posix_spawnp(pid, argv[0], &actions, NULL, words.theirs, environ);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static bool read_back(FILE *stream, Buffer *buffer, Error *err) {
    char chunk[CHUNK_BYTES];
    if (!stream) return true;
    rewind(stream);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, stream)) > 0;) buffer_add(buffer, chunk, n);
    if (ferror(stream)) return error_system(err, TEMPORARY);
    return buffer_text(buffer, err) != NULL;
}

static bool run(Process *process, const char *const *argv, FILE *const streams[STREAMS], Error *err) {
    pid_t pid;
    int failed = start(&pid, argv, streams), status = 0;
    if (failed != 0) {
        process->is_missing = failed == ENOENT;
        errno = failed;
        return error_system(err, argv[0]);
    }
    if (waitpid(pid, &status, 0) < 0) return error_system(err, argv[0]);
    process->status = WIFSIGNALED(status) ? PROCESS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    return read_back(streams[STDOUT_FILENO], &process->out, err) &&
           read_back(streams[STDERR_FILENO], &process->err, err);
}

// Gives the program its input and runs it. Temporary files need no care for which side reads or writes
// first, as pipes would.
static bool feed(Process *process, const char *const *argv, FILE *streams[STREAMS], const void *input, size_t n,
                 Error *err) {
    bool ok = file_append(&(AppendFile){fileno(streams[0]), TEMPORARY}, input, n, err);
    if (ok) rewind(streams[0]);
    return ok && run(process, argv, streams, err);
}

static void close_all(FILE *const streams[STREAMS]) {
    for (int i = 0; i < STREAMS; i++)
        if (streams[i]) fclose(streams[i]);
}

bool process_run(Process *process, const char *const *argv, const void *input, size_t n, Arena *arena, Error *err) {
    FILE *streams[STREAMS] = {tmpfile(), tmpfile(), tmpfile()};
    *process = (Process){.out = {.arena = arena}, .err = {.arena = arena}};
    bool ok = (streams[0] && streams[1] && streams[2]) || error_system(err, TEMPORARY);
    ok = ok && feed(process, argv, streams, input, n, err);
    close_all(streams);
    return ok;
}

bool process_show(Process *process, const char *const *argv, const void *input, size_t n, Error *err) {
    FILE *streams[STREAMS] = {tmpfile()};
    *process = (Process){0};
    bool ok = streams[0] || error_system(err, TEMPORARY);
    ok = ok && feed(process, argv, streams, input, n, err);
    close_all(streams);
    return ok;
}
