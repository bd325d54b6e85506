#include "testing.h"

#include "base/dir.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_error(const Error *err, const char *path, const char *reason) {
    char expected[ERROR_TEXT_BYTES];
    snprintf(expected, sizeof expected, "%s: %s", path, reason);
    ck_assert_str_eq(err->text, expected);
}

static const char *new_dir(const char *name) {
    const char *path = scratch(name);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    return path;
}

// The name of the temporary file that stands beside `path` while it is being replaced.
static const char *temporary_of(const char *name) {
    char temporary[64];
    snprintf(temporary, sizeof temporary, "%s.tmp", name);
    return scratch(temporary);
}

START_TEST(a_file_is_read_whole_with_a_nul_behind) {
    const char *path = scratch("file");
    Arena arena = {0};
    Bytes bytes;
    Error err;
    write_bytes(path, "a\0b\n", 4);
    ck_assert_msg(file_read(path, &arena, &bytes, &err), "%s", err.text);
    ck_assert_uint_eq(bytes.n, 4);
    ck_assert_mem_eq(bytes.at, "a\0b\n", 5);
    write_text(path, "");
    ck_assert(file_read(path, &arena, &bytes, &err));
    ck_assert_uint_eq(bytes.n, 0);
    ck_assert_str_eq(bytes.at, "");
    arena_free(&arena);
}
END_TEST

START_TEST(a_big_file_is_read_whole) {
    enum { N = 5000011 };
    char *big = malloc(N);
    const char *path = scratch("big");
    Arena arena = {0};
    Bytes bytes;
    Error err;
    ck_assert_ptr_nonnull(big);
    for (size_t i = 0; i < N; i++) big[i] = (char)(i * i % 251);
    write_bytes(path, big, N);
    ck_assert(file_read(path, &arena, &bytes, &err));
    ck_assert_uint_eq(bytes.n, N);
    ck_assert_int_eq(memcmp(bytes.at, big, N), 0);
    free(big);
    arena_free(&arena);
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end) {
    enum { N = 30000 }; // more than the first guess at the size of a pipe
    static char text[N];
    const char *path = scratch("pipe");
    Arena arena = {0};
    Bytes bytes;
    Error err;
    memset(text, 'x', N);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    pid_t writer = fork();
    if (writer == 0) {
        int end = open(path, O_WRONLY);
        _exit(end >= 0 && write(end, text, N) == N ? 0 : 1);
    }
    ck_assert_msg(file_read(path, &arena, &bytes, &err), "%s", err.text);
    ck_assert_uint_eq(bytes.n, N);
    ck_assert_mem_eq(bytes.at, text, N);
    int status;
    ck_assert_int_eq(waitpid(writer, &status, 0), writer);
    ck_assert_int_eq(status, 0);
    arena_free(&arena);
}
END_TEST

static void expect_unreadable(const char *path, const char *reason) {
    Arena arena = {0};
    Bytes bytes;
    Error err;
    ck_assert(!file_read(path, &arena, &bytes, &err));
    expect_error(&err, path, reason);
    arena_free(&arena);
}

START_TEST(what_cannot_be_read_is_named) {
    expect_unreadable(scratch("missing"), "no such file or directory");
    expect_unreadable(new_dir("directory"), "expected a file, found a directory");
    write_text(scratch("file"), "");
    expect_unreadable(scratch("file/below"), "not a directory");
    if (geteuid() == 0) {
        testing_skipped("a file that may not be read, which root may");
        return;
    }
    write_text(scratch("secret"), "x");
    ck_assert_int_eq(chmod(scratch("secret"), 0), 0);
    expect_unreadable(scratch("secret"), "permission denied");
}
END_TEST

START_TEST(a_file_beyond_memory_is_refused) {
    const char *path = scratch("sparse");
    Arena arena = {0};
    Bytes bytes;
    Error err;
    write_text(path, "");
    ck_assert_int_eq(truncate(path, (off_t)1 << 43), 0); // 8 TiB, none of them on the disk
    ck_assert(!file_read(path, &arena, &bytes, &err));
    ck_assert_int_eq(strncmp(err.text, path, strlen(path)), 0);
    ck_assert_ptr_nonnull(strstr(err.text, ": needs 8192.0 GiB of memory, this machine has "));
    arena_free(&arena);
}
END_TEST

START_TEST(replacing_makes_or_changes_the_whole_file) {
    const char *path = scratch("file");
    Error err;
    size_t n;
    ck_assert_msg(file_replace(path, "a long first text", 17, &err), "%s", err.text);
    ck_assert_str_eq(read_text(path, NULL), "a long first text");
    ck_assert(file_replace(path, "b\0c", 3, &err));
    ck_assert_mem_eq(read_text(path, &n), "b\0c", 3);
    ck_assert_uint_eq(n, 3);
    ck_assert(file_replace(path, NULL, 0, &err));
    ck_assert_str_eq(read_text(path, &n), "");
    ck_assert(!exists(temporary_of("file")));
}
END_TEST

START_TEST(replacing_overwrites_what_a_crash_left_behind) {
    Error err;
    write_text(temporary_of("file"), "half a file that is longer than the new one");
    ck_assert(file_replace(scratch("file"), "whole", 5, &err));
    ck_assert_str_eq(read_text(scratch("file"), NULL), "whole");
    ck_assert(!exists(temporary_of("file")));
}
END_TEST

START_TEST(replacing_works_in_the_current_dir) {
    Error err;
    char here[4096];
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    const char *dir = new_dir("directory"), *path = scratch("directory/plain");
    ck_assert_int_eq(chdir(dir), 0);
    bool ok = file_replace("plain", "x", 1, &err);
    ck_assert_int_eq(chdir(here), 0);
    ck_assert_msg(ok, "%s", err.text);
    ck_assert_str_eq(read_text(path, NULL), "x");
}
END_TEST

START_TEST(replacing_what_cannot_be_replaced_leaves_nothing) {
    Error err;
    const char *path = scratch("missing/file"), *dir = new_dir("directory");
    ck_assert(!file_replace(path, "x", 1, &err));
    expect_error(&err, path, "no such file or directory");
    ck_assert(!exists(scratch("missing")));
    ck_assert(!file_replace(dir, "x", 1, &err));
    ck_assert_int_eq(strncmp(err.text, dir, strlen(dir)), 0);
    ck_assert_int_eq(path_kind(dir), PATH_DIR);
    ck_assert(!exists(temporary_of("directory")));
}
END_TEST

START_TEST(the_old_file_stays_where_no_new_one_can_be_begun) {
    const char *path = scratch("file");
    Error err;
    write_text(path, "old");
    ck_assert_int_eq(mkdir(temporary_of("file"), 0777), 0);
    ck_assert(!file_replace(path, "new", 3, &err));
    expect_error(&err, path, "is a directory");
    ck_assert_str_eq(read_text(path, NULL), "old");
    if (geteuid() == 0) {
        testing_skipped("a directory that may not be written, which root may");
        return;
    }
    path = scratch("locked/file");
    const char *dir = new_dir("locked");
    write_text(path, "old");
    ck_assert_int_eq(chmod(dir, 0555), 0);
    ck_assert(!file_replace(path, "new", 3, &err));
    expect_error(&err, path, "permission denied");
    ck_assert_str_eq(read_text(path, NULL), "old");
    ck_assert(!exists(temporary_of("locked/file")));
    ck_assert_int_eq(chmod(dir, 0777), 0);
}
END_TEST

// Runs file_replace and file_append where no file may grow beyond `limit` bytes, as on a disk that is full. Nothing is
// asserted meanwhile: Check has a file of its own.
static void with_file_limit(rlim_t limit, bool (*write)(const char *path, Error *err), const char *path, bool *ok,
                            Error *err) {
    struct rlimit old, small;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = limit;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    int limited = setrlimit(RLIMIT_FSIZE, &small);
    *ok = write(path, err);
    int freed = setrlimit(RLIMIT_FSIZE, &old);
    ck_assert(limited == 0 && freed == 0);
    signal(SIGXFSZ, handler);
}

static bool replace_by_much(const char *path, Error *err) {
    static const char much[1000];
    return file_replace(path, much, sizeof much, err);
}

static bool append_much(const char *path, Error *err) {
    static const char much[1000];
    AppendFile file;
    if (!file_open_append(&file, path, err)) return false;
    bool ok = file_append(&file, much, sizeof much, err);
    file_close(&file);
    return ok;
}

START_TEST(the_old_file_stays_where_the_disk_is_full) {
    const char *path = scratch("file");
    Error err;
    bool ok;
    write_text(path, "old");
    with_file_limit(100, replace_by_much, path, &ok, &err);
    ck_assert(!ok);
    expect_error(&err, path, "file too large");
    ck_assert_str_eq(read_text(path, NULL), "old");
    ck_assert(!exists(temporary_of("file")));
}
END_TEST

START_TEST(appending_says_when_the_disk_is_full) {
    const char *path = scratch("file");
    Error err;
    bool ok;
    with_file_limit(100, append_much, path, &ok, &err);
    ck_assert(!ok);
    expect_error(&err, path, "file too large");
}
END_TEST

START_TEST(appending_makes_a_file_and_adds_to_one) {
    const char *path = scratch("file");
    AppendFile file;
    Error err;
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(file_open_append(&file, path, &err), "%s", err.text);
        ck_assert(file_append(&file, "one,", 4, &err) && file_append(&file, "", 0, &err));
        ck_assert(file_append(&file, "two;", 4, &err));
        ck_assert_msg(file_sync(&file, &err), "%s", err.text);
        file_close(&file);
        ck_assert_int_eq(file.descriptor, -1);
        file_close(&file);
    }
    ck_assert_str_eq(read_text(path, NULL), "one,two;one,two;");
}
END_TEST

START_TEST(appending_where_no_file_can_be_is_an_error) {
    const char *missing = scratch("missing/file"), *dir = new_dir("directory");
    AppendFile file;
    Error err;
    ck_assert(!file_open_append(&file, missing, &err));
    expect_error(&err, missing, "no such file or directory");
    ck_assert_int_eq(file.descriptor, -1);
    file_close(&file);
    ck_assert(!file_open_append(&file, dir, &err));
    expect_error(&err, dir, "is a directory");
}
END_TEST

START_TEST(removing_twice_is_no_error) {
    const char *path = scratch("file"), *dir = new_dir("directory");
    Error err;
    write_text(path, "x");
    ck_assert(file_remove(path, &err) && !exists(path));
    ck_assert(file_remove(path, &err));
    ck_assert(!file_remove(dir, &err));
    ck_assert_int_eq(strncmp(err.text, dir, strlen(dir)), 0);
    ck_assert(exists(dir));
}
END_TEST

START_TEST(dirs_are_made_with_those_above) {
    const char *deep = scratch("a/b//c/"), *file = scratch("file"), *below = scratch("file/sub/directory");
    Error err;
    ck_assert_msg(dir_make(deep, &err), "%s", err.text);
    ck_assert_int_eq(path_kind(scratch("a/b/c")), PATH_DIR);
    ck_assert(dir_make(deep, &err) && dir_make("/", &err) && dir_make(".", &err));
    write_text(file, "x");
    ck_assert(!dir_make(file, &err));
    expect_error(&err, file, "expected a directory, found a file");
    ck_assert(!dir_make(below, &err));
    expect_error(&err, below, "not a directory");
}
END_TEST

SUITE(file, NEEDS_NOTHING) {
    ADD(a_file_is_read_whole_with_a_nul_behind);
    ADD(a_big_file_is_read_whole);
    ADD(a_pipe_is_read_to_its_end);
    ADD(what_cannot_be_read_is_named);
    ADD(a_file_beyond_memory_is_refused);
    ADD(replacing_makes_or_changes_the_whole_file);
    ADD(replacing_overwrites_what_a_crash_left_behind);
    ADD(replacing_works_in_the_current_dir);
    ADD(replacing_what_cannot_be_replaced_leaves_nothing);
    ADD(the_old_file_stays_where_no_new_one_can_be_begun);
    ADD(the_old_file_stays_where_the_disk_is_full);
    ADD(appending_says_when_the_disk_is_full);
    ADD(appending_makes_a_file_and_adds_to_one);
    ADD(appending_where_no_file_can_be_is_an_error);
    ADD(removing_twice_is_no_error);
    ADD(dirs_are_made_with_those_above);
}
