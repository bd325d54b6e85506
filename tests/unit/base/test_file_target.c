// What file_replace writes to: files, and links to them, alone.
#include "testing.h"

#include "base/file.h"

#include <stdio.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif
#include <unistd.h>

static void expect_error(const Error *err, const char *path, const char *reason) {
    char expected[ERROR_TEXT_BYTES];
    snprintf(expected, sizeof expected, "%s: %s", path, reason);
    ck_assert_str_eq(err->text, expected);
}

// Only nodes made here are written to: a program that got this wrong would replace the system's own.
START_TEST(what_is_no_file_is_not_replaced) {
    Error err;
    struct stat info;
    const char *pipe_path = scratch("pipe"), *device = scratch("device"), *link_path = scratch("link");
    ck_assert_int_eq(mkfifo(pipe_path, 0666), 0);
    ck_assert(!file_replace(pipe_path, "x", 1, &err));
    expect_error(&err, pipe_path, "expected a file, found a pipe");
    ck_assert(stat(pipe_path, &info) == 0 && S_ISFIFO(info.st_mode));
    ck_assert_int_eq(symlink("pipe", link_path), 0);
    ck_assert(!file_replace(link_path, "x", 1, &err));
    expect_error(&err, link_path, "expected a file, found a pipe");
    ck_assert(!exists(scratch("pipe.tmp")) && !exists(scratch("link.tmp")));
    const char *socket_path = scratch("socket");
    if (mknod(socket_path, S_IFSOCK | 0666, 0) == 0) {
        ck_assert(!file_replace(socket_path, "x", 1, &err));
        expect_error(&err, socket_path, "expected a file, found a socket");
    }
    if (mknod(device, S_IFCHR | 0666, makedev(1, 7)) != 0) {
        testing_skipped("a device, which root alone may make");
        return;
    }
    ck_assert(!file_replace(device, "x", 1, &err));
    expect_error(&err, device, "expected a file, found a device");
    ck_assert(stat(device, &info) == 0 && S_ISCHR(info.st_mode));
}
END_TEST

START_TEST(a_link_stays_and_its_file_is_replaced) {
    Error err;
    struct stat info;
    const char *dir = scratch("directory"), *path = scratch("directory/file"), *link_path = scratch("link");
    ck_assert_int_eq(mkdir(dir, 0777), 0);
    write_text(path, "old");
    ck_assert_int_eq(symlink("directory/file", link_path), 0);
    ck_assert_msg(file_replace(link_path, "new", 3, &err), "%s", err.text);
    ck_assert(lstat(link_path, &info) == 0 && S_ISLNK(info.st_mode));
    ck_assert_str_eq(read_text(path, NULL), "new");
    ck_assert(!exists(scratch("directory/file.tmp")));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(!file_replace(link_path, "new", 3, &err));
    expect_error(&err, link_path, "expected a file, found a broken symbolic link");
    ck_assert(lstat(link_path, &info) == 0 && S_ISLNK(info.st_mode) && !exists(path));
}
END_TEST

SUITE(file_target, NEEDS_NOTHING) {
    ADD(what_is_no_file_is_not_replaced);
    ADD(a_link_stays_and_its_file_is_replaced);
}
