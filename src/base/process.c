#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { STREAMS = 3, CHUNK_BYTES = 65536 };

// Our ends of the pipes to standard input, output and error, by the number of the stream; -1 when closed.
typedef struct Pipes {
    int ours[STREAMS], theirs[STREAMS];
} Pipes;

static void close_end(int *end) {
    if (*end >= 0) close(*end);
    *end = -1;
}

static void pipes_close(Pipes *pipes) {
    for (int i = 0; i < STREAMS; i++) close_end(&pipes->ours[i]), close_end(&pipes->theirs[i]);
}

// No end of them stays open in any program that is started: it would hide that the other side is done.
static bool pipes_open(Pipes *pipes) {
    for (int i = 0; i < STREAMS; i++) pipes->ours[i] = pipes->theirs[i] = -1;
    for (int i = 0; i < STREAMS; i++) {
        int ends[2];
        if (pipe(ends) != 0) return false;
        pipes->ours[i] = ends[i == STDIN_FILENO];
        pipes->theirs[i] = ends[i != STDIN_FILENO];
        for (int k = 0; k < 2; k++)
            if (fcntl(ends[k], F_SETFD, FD_CLOEXEC) != 0) return false;
    }
    // A program that reads slowly must not keep us from reading what it writes.
    return fcntl(pipes->ours[STDIN_FILENO], F_SETFL, O_NONBLOCK) == 0;
}

// 0, or the errno of why it could not be started. The signals that we ignore are the program's to have.
static int start(pid_t *pid, const char *const *argv, const Pipes *pipes) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0) return status;
    status = posix_spawnattr_init(&attributes);
    if (status == 0) {
        for (int i = 0; status == 0 && i < STREAMS; i++)
            status = posix_spawn_file_actions_adddup2(&actions, pipes->theirs[i], i);
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        sigaddset(&defaults, SIGXFSZ);
        if (status == 0) status = posix_spawnattr_setsigdefault(&attributes, &defaults);
        if (status == 0) status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        // The function takes the words without const for historical reasons; it changes none.
        union {
            const char *const *ours;
            char *const *theirs;
        } words = {.ours = argv};
        if (status == 0) status = posix_spawnp(pid, argv[0], &actions, &attributes, words.theirs, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static bool take_output(int *end, Buffer *buffer, Error *err) {
    char chunk[CHUNK_BYTES];
    ssize_t got = read(*end, chunk, sizeof chunk);
    if (got > 0) buffer_add(buffer, chunk, (size_t)got);
    if (got == 0) close_end(end);
    return got >= 0 || errno == EINTR || error_system(err, "what a program wrote");
}

// Returns how much of the input is left.
static size_t give_input(int *end, const char *input, size_t n) {
    ssize_t written = n > 0 ? write(*end, input, n) : 0;
    if (written > 0) n -= (size_t)written;
    if (n == 0 || (written < 0 && errno != EINTR && errno != EAGAIN)) close_end(end);
    return n;
}

// All three at once, whichever is ready, so that neither side waits for the other.
static bool exchange(Process *process, Pipes *pipes, const char *input, size_t n, Error *err) {
    Buffer *const outputs[STREAMS] = {NULL, &process->out, &process->err};
    size_t left = n;
    if (left == 0) close_end(&pipes->ours[STDIN_FILENO]);
    while (pipes->ours[0] >= 0 || pipes->ours[1] >= 0 || pipes->ours[2] >= 0) {
        struct pollfd polled[STREAMS];
        for (int i = 0; i < STREAMS; i++)
            polled[i] = (struct pollfd){pipes->ours[i], i == STDIN_FILENO ? POLLOUT : POLLIN, 0};
        if (poll(polled, STREAMS, -1) < 0 && errno != EINTR) return error_system(err, "waiting for a program");
        if (polled[0].revents) left = give_input(&pipes->ours[0], input + (n - left), left);
        for (int i = 1; i < STREAMS; i++)
            if (polled[i].revents && !take_output(&pipes->ours[i], outputs[i], err)) return false;
    }
    return true;
}

static int wait_for(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? PROCESS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

bool process_run(Process *process, const char *const *argv, const void *input, size_t n, Arena *arena, Error *err) {
    Pipes pipes;
    pid_t pid;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    *process = (Process){.out = {.arena = arena}, .err = {.arena = arena}};
    if (!pipes_open(&pipes)) {
        error_system(err, argv[0]);
        pipes_close(&pipes);
        return false;
    }
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, &before);
    int failed = start(&pid, argv, &pipes);
    for (int i = 0; i < STREAMS; i++) close_end(&pipes.theirs[i]);
    bool ok = failed == 0;
    if (!ok) {
        process->is_missing = failed == ENOENT;
        errno = failed;
        error_system(err, argv[0]);
    } else {
        ok = exchange(process, &pipes, input, n, err);
    }
    pipes_close(&pipes);
    if (failed == 0) process->status = wait_for(pid);
    sigaction(SIGPIPE, &before, NULL);
    return ok && buffer_text(&process->out, err) && buffer_text(&process->err, err);
}
