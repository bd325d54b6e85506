#include "testing.h"

#include "base/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(path_kind_tells_what_stands_there) {
    const char *dir = scratch("directory"), *file = scratch("file");
    ck_assert_int_eq(mkdir(dir, 0777), 0);
    write_text(file, "x");
    ck_assert_int_eq(path_kind(scratch("missing")), PATH_NOTHING);
    ck_assert_int_eq(path_kind(scratch("missing/below")), PATH_NOTHING);
    ck_assert_int_eq(path_kind(scratch("file/below")), PATH_NOTHING);
    ck_assert_int_eq(path_kind(file), PATH_FILE);
    ck_assert_int_eq(path_kind("/dev/null"), PATH_OTHER);
    ck_assert_int_eq(path_kind(dir), PATH_DIR);
    ck_assert_int_eq(symlink("missing", scratch("broken")), 0);
    ck_assert_int_eq(path_kind(scratch("broken")), PATH_OTHER);
}
END_TEST

START_TEST(links_lead_to_one_file) {
    const char *file = scratch("file"), *hard = scratch("hard"), *soft = scratch("soft"), *other = scratch("other");
    write_text(file, "x");
    write_text(other, "x");
    ck_assert(link(file, hard) == 0 && symlink("file", soft) == 0);
    ck_assert(path_same(file, file) && path_same(file, hard) && path_same(soft, hard) && !path_same(file, other));
    ck_assert(!path_same(file, scratch("missing")) && !path_same(scratch("missing"), scratch("missing")));
    int descriptor = open(file, O_RDONLY);
    ck_assert(path_leads_to(file, descriptor) && path_leads_to(soft, descriptor) && !path_leads_to(other, descriptor));
    ck_assert_int_eq(rename(other, file), 0);
    ck_assert(!path_leads_to(file, descriptor) && path_leads_to(hard, descriptor) && !path_leads_to(other, descriptor));
    close(descriptor);
}
END_TEST

START_TEST(paths_are_joined_and_taken_apart) {
    static const struct {
        const char *dir, *name, *joined;
    } joins[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"},         {"", "b", "b"}, {"a", "/b", "/b"}, {"/", "b", "/b"},
                 {".", "b", "./b"}, {"a/b", "../c", "a/b/../c"}};
    static const struct {
        const char *path, *dir, *stem;
    } parts[] = {{"configs/mlp.json", "configs", "mlp"},
                 {"mlp.json", "", "mlp"},
                 {"/mlp", "/", "mlp"},
                 {"a/b/c.tar.gz", "a/b", "c.tar"},
                 {".hidden", "", ".hidden"},
                 {"a.b/c", "a.b", "c"},
                 {"", "", ""},
                 {"../x.json", "..", "x"}};
    Arena arena = {0};
    Error err;
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++)
        ck_assert_str_eq(path_join(&arena, joins[i].dir, joins[i].name, &err), joins[i].joined);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ck_assert_str_eq(path_dir(&arena, parts[i].path, &err), parts[i].dir);
        ck_assert_str_eq(path_stem(&arena, parts[i].path, &err), parts[i].stem);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(absolute_paths_start_at_the_root) {
    Arena arena = {0};
    Error err;
    char *here = realpath(".", NULL);
    ck_assert_ptr_nonnull(here);
    ck_assert_str_eq(path_absolute(&arena, ".", &err), here);
    ck_assert_str_eq(path_absolute(&arena, "tests/../tests/..", &err), here);
    ck_assert_str_eq(path_absolute(&arena, "missing.txt", &err), path_join(&arena, here, "missing.txt", &err));
    ck_assert_str_eq(path_absolute(&arena, "/missing/../x", &err), "/missing/../x");
    free(here);
    ck_assert_int_eq(mkdir(scratch("directory"), 0777), 0);
    write_text(scratch("file"), "x");
    char *file = realpath(scratch("file"), NULL);
    ck_assert_ptr_nonnull(file);
    ck_assert_str_eq(path_absolute(&arena, scratch("directory/../file"), &err), file);
    free(file);
    arena_free(&arena);
}
END_TEST

SUITE(path, NEEDS_NOTHING) {
    ADD(path_kind_tells_what_stands_there);
    ADD(links_lead_to_one_file);
    ADD(paths_are_joined_and_taken_apart);
    ADD(absolute_paths_start_at_the_root);
}
