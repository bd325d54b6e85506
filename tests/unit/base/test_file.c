// Paths, files, directories and their locks.
#include "testing.h"

#include "base/dir.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static Arena arena;
static Error err;

static void expect_error(const char *path, const char *reason) {
    ck_assert_str_eq(err.text, textf("%s: %s", path, reason));
}

static const char *new_dir(const char *name) {
    const char *path = scratch(name);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    return path;
}

START_TEST(paths_are_joined_and_taken_apart) {
    static const char *const joins[][3] = {{"a", "b", "a/b"},          {"a/", "b", "a/b"}, {"", "b", "b"},
                                           {"a", "/b", "/b"},          {"/", "b", "/b"},   {".", "b", "./b"},
                                           {"a/b", "../c", "a/b/../c"}};
    static const struct {
        const char *path, *dir, *stem;
    } parts[] = {{"configs/mlp.json", "configs", "mlp"},
                 {"mlp.json", "", "mlp"},
                 {"/mlp", "/", "mlp"},
                 {"a/b/c.tar.gz", "a/b", "c.tar"},
                 {".hidden", "", ".hidden"},
                 {"a.b/c", "a.b", "c"},
                 {"", "", ""}};
    for (size_t i = 0; i < COUNT(joins); i++)
        ck_assert_str_eq(path_join(&arena, joins[i][0], joins[i][1], &err), joins[i][2]);
    char *here = realpath(".", NULL);
    ck_assert_str_eq(path_absolute(&arena, "tests/../tests/..", &err), here);
    ck_assert_str_eq(path_absolute(&arena, "missing.txt", &err), path_join(&arena, here, "missing.txt", &err));
    ck_assert_str_eq(path_absolute(&arena, "tests/../missing/x.txt", &err),
                     path_join(&arena, here, "missing/x.txt", &err));
    ck_assert_str_eq(path_absolute(&arena, "/missing/../x", &err), "/missing/../x");
    free(here);
    for (size_t i = 0; i < COUNT(parts); i++) {
        ck_assert_str_eq(path_dir(&arena, parts[i].path, &err), parts[i].dir);
        ck_assert_str_eq(path_stem(&arena, parts[i].path, &err), parts[i].stem);
    }
}
END_TEST

// Files are made here only: a wrong program would replace those of the system.
START_TEST(a_path_has_a_kind_and_only_files_are_replaced) {
    const char *dir = new_dir("directory"), *file = scratch("file");
    const char *pipe = scratch("pipe"), *broken = scratch("broken"), *to_pipe = scratch("to");
    const struct {
        const char *path, *found; // what path_check finds instead of a file
        PathKind kind;
    } cases[] = {{dir, "directory", PATH_DIR},
                 {pipe, "special file or broken link", PATH_OTHER},
                 {to_pipe, "special file or broken link", PATH_OTHER},
                 {broken, "special file or broken link", PATH_OTHER}};
    write_text(file, "x");
    ck_assert(mkfifo(pipe, 0666) == 0 && symlink("pipe", to_pipe) == 0 && symlink("missing", broken) == 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *reason = textf("expected a file, found a %s", cases[i].found);
        ck_assert_int_eq(path_kind(cases[i].path), cases[i].kind);
        ck_assert(!path_check(cases[i].path, PATH_FILE, &err));
        expect_error(cases[i].path, reason);
        ck_assert(!file_replace(cases[i].path, "x", 1, &err));
        expect_error(cases[i].path, reason);
        ck_assert_int_eq(path_kind(cases[i].path), cases[i].kind);
    }
    ck_assert(!exists(scratch("missing")) && !exists(scratch("pipe.tmp")) && !exists(scratch("to.tmp")));
    ck_assert_int_eq(path_kind(file), PATH_FILE);
    ck_assert(path_check(file, PATH_FILE, &err) && path_check(dir, PATH_DIR, &err));
    ck_assert(!path_check(file, PATH_DIR, &err));
    expect_error(file, "expected a directory, found a file");
    const char *const nothing[] = {scratch("missing"), scratch("missing/below"), scratch("file/below")};
    for (size_t i = 0; i < COUNT(nothing); i++) {
        ck_assert_int_eq(path_kind(nothing[i]), PATH_NOTHING);
        ck_assert(path_check(nothing[i], PATH_FILE, &err));
    }
}
END_TEST

START_TEST(links_lead_to_one_file) {
    const char *file = scratch("file"), *hard = scratch("hard"), *soft = scratch("soft"), *other = scratch("other");
    write_text(file, "x");
    write_text(other, "x");
    ck_assert(link(file, hard) == 0 && symlink("file", soft) == 0);
    ck_assert(path_is_link(soft) && !path_is_link(hard) && !path_is_link(scratch("missing")));
    ck_assert(path_same(file, hard) && path_same(soft, hard) && !path_same(file, other));
    ck_assert(!path_same(scratch("missing"), scratch("missing")));
    int descriptor = open(file, O_RDONLY);
    ck_assert(path_leads_to(soft, descriptor) && !path_leads_to(other, descriptor));
    ck_assert_int_eq(rename(other, file), 0);
    ck_assert(!path_leads_to(file, descriptor) && path_leads_to(hard, descriptor));
    close(descriptor);
}
END_TEST

START_TEST(files_and_pipes_are_read_whole) {
    enum { N = 500011 };
    static char big[N];
    const char *file = scratch("file"), *pipe = scratch("pipe");
    static const size_t sizes[] = {0, 4, N};
    Bytes bytes;
    for (size_t i = 0; i < N; i++) big[i] = (char)(i * i % 251);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_bytes(file, big, sizes[i]);
        ck_assert_msg(file_read(file, &arena, &bytes, &err), "%s", err.text);
        ck_assert_uint_eq(bytes.n, sizes[i]);
        ck_assert(memcmp(bytes.at, big, bytes.n) == 0 && bytes.at[bytes.n] == '\0');
    }
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    pid_t writer = fork();
    if (writer == 0) {
        int end = open(pipe, O_WRONLY);
        _exit(end >= 0 && write(end, big, 30000) == 30000 ? 0 : 1);
    }
    ck_assert_msg(file_read(pipe, &arena, &bytes, &err), "%s", err.text);
    ck_assert(bytes.n == 30000 && memcmp(bytes.at, big, bytes.n) == 0);
    ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
}
END_TEST

static void expect_unreadable(const char *path, const char *reason) {
    Bytes bytes;
    ck_assert(!file_read(path, &arena, &bytes, &err));
    expect_error(path, reason);
}

START_TEST(errors_of_reading_name_the_file) {
    const char *sparse = scratch("sparse");
    Bytes bytes;
    write_text(sparse, "");
    expect_unreadable(scratch("missing"), "no such file or directory");
    expect_unreadable(new_dir("directory"), "expected a file, found a directory");
    expect_unreadable(scratch("sparse/below"), "not a directory");
    ck_assert_int_eq(truncate(sparse, (off_t)1 << 43), 0); // 8 TiB, none of them on the disk
    ck_assert(!file_read(sparse, &arena, &bytes, &err));
    ck_assert_int_eq(strncmp(err.text, sparse, strlen(sparse)), 0);
    ck_assert_ptr_nonnull(strstr(err.text, ": needs 8192.0 GiB of memory; there are "));
}
END_TEST

START_TEST(files_are_replaced_whole) {
    const char *path = scratch("file"), *link_path = scratch("link");
    size_t n;
    char here[4096];
    ck_assert_msg(file_replace(path, "a long first text", 17, &err), "%s", err.text);
    ck_assert_str_eq(read_text(path, NULL), "a long first text");
    write_text(scratch("file.tmp"), "what a crash left, longer than the new file");
    ck_assert(file_replace(path, "b\0c", 3, &err));
    ck_assert_mem_eq(read_text(path, &n), "b\0c", 3);
    ck_assert_uint_eq(n, 3);
    ck_assert(file_replace(path, NULL, 0, &err));
    ck_assert_str_eq(read_text(path, &n), "");
    // Of a link the target is replaced.
    ck_assert_int_eq(symlink("file", link_path), 0);
    ck_assert_msg(file_replace(link_path, "new", 3, &err), "%s", err.text);
    ck_assert(path_is_link(link_path));
    ck_assert_str_eq(read_text(path, NULL), "new");
    ck_assert(!exists(scratch("file.tmp")) && !exists(scratch("link.tmp")));
    // A path without a directory.
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    ck_assert_int_eq(chdir(scratch("")), 0);
    bool ok = file_replace("plain", "x", 1, &err);
    ck_assert_int_eq(chdir(here), 0);
    ck_assert_msg(ok, "%s", err.text);
    ck_assert_str_eq(read_text(scratch("plain"), NULL), "x");
}
END_TEST

START_TEST(a_failed_write_keeps_the_old_file) {
    const char *path = scratch("file"), *missing = scratch("missing/file");
    write_text(path, "old");
    new_dir("file.tmp");
    ck_assert(!file_replace(path, "new", 3, &err));
    expect_error(path, "is a directory");
    ck_assert_str_eq(read_text(path, NULL), "old");
    ck_assert(!file_replace(missing, "x", 1, &err));
    expect_error(missing, "no such file or directory");
    ck_assert(!exists(scratch("missing")));
}
END_TEST

START_TEST(files_are_appended_to_and_removed) {
    const char *path = scratch("file"), *missing = scratch("missing/file"), *dir = new_dir("directory");
    AppendFile file;
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(file_open_append(&file, path, &err), "%s", err.text);
        ck_assert(file_append(&file, "one,", 4, &err) && file_append(&file, "", 0, &err));
        ck_assert(file_append(&file, "two;", 4, &err));
        ck_assert_msg(file_sync(&file, &err), "%s", err.text);
        file_close(&file);
        ck_assert_int_eq(file.descriptor, -1);
    }
    ck_assert_str_eq(read_text(path, NULL), "one,two;one,two;");
    ck_assert(!file_open_append(&file, missing, &err));
    expect_error(missing, "no such file or directory");
    file_close(&file);
    ck_assert(!file_open_append(&file, dir, &err));
    expect_error(dir, "is a directory");
    ck_assert(file_remove(path, &err) && !exists(path) && file_remove(path, &err));
    ck_assert(!file_remove(dir, &err) && exists(dir));
}
END_TEST

START_TEST(dirs_are_made_listed_and_removed) {
    const char *deep = scratch("a/b//c/"), *file = scratch("file"), *below = scratch("file/sub/directory");
    const char **names;
    size_t n;
    ck_assert_msg(dir_make(deep, &err), "%s", err.text);
    ck_assert(dir_make(deep, &err) && dir_make("/", &err) && dir_make(".", &err));
    ck_assert_int_eq(path_kind(scratch("a/b/c")), PATH_DIR);
    write_text(file, "x");
    ck_assert(!dir_make(file, &err));
    expect_error(file, "expected a directory, found a file");
    ck_assert(!dir_make(below, &err));
    expect_error(below, "not a directory");
    ck_assert(dir_list(scratch("a/b"), &names, &n, &arena, &err) && n == 1);
    ck_assert_str_eq(names[0], "c");
    ck_assert(dir_list(scratch("missing"), &names, &n, &arena, &err) && n == 0);
    ck_assert(dir_remove_empty(scratch("a"), &err) && exists(scratch("a/b")));
    ck_assert(dir_remove_empty(deep, &err) && !exists(scratch("a/b/c")));
}
END_TEST

START_TEST(a_dir_has_one_lock) {
    const char *dir = new_dir("directory");
    DirLock lock = {0}, other = {0};
    ck_assert_msg(dir_lock(&lock, dir, &err) && dir_lock(&lock, dir, &err), "%s", err.text);
    ck_assert(!dir_lock(&other, dir, &err) && !other.is_held);
    expect_error(dir, "another nomen process is using the directory; wait until it ends");
    ck_assert(dir_lock_holds(&lock, dir, &err) && dir_lock_holds(&other, dir, &err));
    ck_assert(rename(dir, scratch("moved")) == 0 && mkdir(dir, 0777) == 0);
    ck_assert(!dir_lock_holds(&lock, dir, &err));
    expect_error(dir, "the directory was moved or removed while it was in use");
    dir_unlock(&lock);
    ck_assert(dir_lock(&other, scratch("moved"), &err));
    dir_unlock(&other);
    ck_assert(!dir_lock(&lock, scratch("missing"), &err));
    expect_error(scratch("missing"), "no such file or directory");
}
END_TEST

SUITE(file, NEEDS_NOTHING) {
    ADD(paths_are_joined_and_taken_apart);
    ADD(a_path_has_a_kind_and_only_files_are_replaced);
    ADD(links_lead_to_one_file);
    ADD(files_and_pipes_are_read_whole);
    ADD(errors_of_reading_name_the_file);
    ADD(files_are_replaced_whole);
    ADD(a_failed_write_keeps_the_old_file);
    ADD(files_are_appended_to_and_removed);
    ADD(dirs_are_made_listed_and_removed);
    ADD(a_dir_has_one_lock);
}
