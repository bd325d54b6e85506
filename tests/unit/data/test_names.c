// Names files and their vocabulary.
#include "testing.h"

#include "base/buffer.h"
#include "base/text.h"
#include "data/vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Arena arena;
static Error err;

#define IDEOGRAPHIC_SPACE "\xE3\x80\x80"
#define NO_BREAK_SPACE "\xC2\xA0"
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static NameList read_bytes(const char *bytes, size_t n) {
    NameList list;
    write_bytes(scratch("names.txt"), bytes, n);
    ck_assert_msg(names_read(&list, scratch("names.txt"), &arena, &err), "%s", err.text);
    return list;
}

static NameList read_names(const char *text) { return read_bytes(text, strlen(text)); }

// The names, each with a bar behind it.
static const char *barred(const NameList *list) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < list->n; i++) {
        buffer_add(&out, names_at(list, i).at, names_at(list, i).n);
        buffer_add(&out, "|", 1);
    }
    return buffer_text(&out, &err);
}

static void expect_names(const char *text, const char *expected) {
    NameList list = read_names(text);
    ck_assert_str_eq(barred(&list), expected);
}

static void expect_refused(const char *bytes, size_t n, const char *reason) {
    const char *path = scratch("names.txt");
    char expected[ERROR_TEXT_BYTES];
    NameList list;
    write_bytes(path, bytes, n);
    ck_assert_msg(!names_read(&list, path, &arena, &err), "accepted, not \"%s\"", reason);
    snprintf(expected, sizeof expected, "%s: %s", path, reason);
    ck_assert_str_eq(err.text, expected);
}

START_TEST(a_line_is_a_name) {
    expect_names("emma\nolivia\nava\n", "emma|olivia|ava|");
    expect_names("emma\nolivia\nava", "emma|olivia|ava|");
    expect_names("x", "x|");
    expect_names("de la cruz\no'neill\n-.,\n", "de la cruz|o'neill|-.,|");
}
END_TEST

START_TEST(names_are_trimmed_of_every_space) {
    expect_names("  emma\t\n\t olivia \n", "emma|olivia|");
    expect_names(IDEOGRAPHIC_SPACE "\xE3\x81\x82" IDEOGRAPHIC_SPACE "\n", "\xE3\x81\x82|");
    expect_names(NO_BREAK_SPACE " ava" NO_BREAK_SPACE "\n", "ava|");
    expect_names(" a  b" IDEOGRAPHIC_SPACE "c \n", "a  b" IDEOGRAPHIC_SPACE "c|");
}
END_TEST

START_TEST(lines_may_end_in_crlf) {
    expect_names("emma\r\nolivia \r\n\r\nava\r\n", "emma|olivia|ava|");
    expect_names("emma\r\nolivia\r", "emma|olivia|");
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over_once) {
    expect_names(BYTE_ORDER_MARK "emma\nava\n", "emma|ava|");
    expect_names(BYTE_ORDER_MARK " emma\r\n", "emma|");
    expect_names(BYTE_ORDER_MARK "\nava\n", "ava|");
    expect_names("emma\n" BYTE_ORDER_MARK "ava\n", "emma|" BYTE_ORDER_MARK "ava|");
}
END_TEST

START_TEST(plain_lines_stand_beside_others) {
    expect_names("a~!\nb c\n d\ne\t\n\xC3\xA9"
                 "f\ng\xC3\xA9\nh\n",
                 "a~!|b c|d|e|\xC3\xA9"
                 "f|g\xC3\xA9|h|");
    expect_names("a\nb\r", "a|b|");
    expect_refused("ava\nb\x7F\n", 7, "line 2: control character U+007F; remove it");
    expect_refused("ava\nb\0", 6, "line 2: control character U+0000; remove it");
}
END_TEST

START_TEST(blank_lines_are_skipped) { expect_names("\n\nemma\n \t \n" IDEOGRAPHIC_SPACE "\nava\n\n\n", "emma|ava|"); }
END_TEST

START_TEST(a_file_without_names_is_refused) {
    static const char *const blank[] = {"\n", " ", "\r\n\r\n", IDEOGRAPHIC_SPACE, BYTE_ORDER_MARK, " \n\t\n\xC2\xA0"};
    expect_refused("", 0, "the file is empty; put one name a line into it");
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        expect_refused(blank[i], strlen(blank[i]), "only blank lines; put one name a line into it");
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_named_with_their_line) {
    expect_refused("emma\n\nzo\xEB\nava\n", 13, "line 3: byte 0xeb is not UTF-8; convert the file (iconv -t UTF-8)");
    expect_refused("\xFF\xFE"
                   "e\0",
                   4, "line 1: byte 0xff is not UTF-8; convert the file (iconv -t UTF-8)");
    expect_refused("ava\nzo\xC3", 7, "line 2: byte 0xc3 is not UTF-8; convert the file (iconv -t UTF-8)");
    expect_refused("ava\nzo\xC3\n\xAB", 9, "line 2: byte 0xc3 is not UTF-8; convert the file (iconv -t UTF-8)");
    expect_refused(BYTE_ORDER_MARK "\xED\xA0\x80", 6,
                   "line 1: byte 0xed is not UTF-8; convert the file (iconv -t UTF-8)");
}
END_TEST

START_TEST(control_characters_are_named_with_their_line) {
    expect_refused("emma\nav\0a\n", 10, "line 2: control character U+0000; remove it");
    expect_refused("\0", 1, "line 1: control character U+0000; remove it");
    expect_refused("emma\n\nav\x1B[0ma\n", 14, "line 3: control character U+001B; remove it");
    expect_refused("a\tb\n", 4, "line 1: control character U+0009; remove it");
    expect_refused("emma\rava\r", 9, "line 1: control character U+000D; remove it");
    expect_refused("emma\nava\x7F\n", 10, "line 2: control character U+007F; remove it");
    expect_refused("ava\xC2\x85\n", 6, "line 1: control character U+0085; remove it");
    expect_refused("a\xE2\x80\xA8"
                   "b\n",
                   6, "line 1: control character U+2028; remove it");
}
END_TEST

START_TEST(a_missing_file_and_a_dir_are_named) {
    char expected[ERROR_TEXT_BYTES];
    const char *path = scratch("missing");
    NameList list;
    ck_assert(!names_read(&list, path, &arena, &err));
    snprintf(expected, sizeof expected, "%s: no such file or directory", path);
    ck_assert_str_eq(err.text, expected);
    path = scratch("directory");
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert(!names_read(&list, path, &arena, &err));
    snprintf(expected, sizeof expected, "%s: expected a file, found a directory", path);
    ck_assert_str_eq(err.text, expected);
}
END_TEST

START_TEST(the_digest_is_that_of_the_files_bytes) {
    NameList list = read_names("abc");
    ck_assert_str_eq(list.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(every_name_knows_its_line) {
    NameList list = read_names(BYTE_ORDER_MARK "emma\r\n\n  ava\n\nemma");
    static const size_t lines[] = {1, 3, 5};
    ck_assert_uint_eq(list.n, 3);
    for (size_t i = 0; i < list.n; i++) ck_assert_uint_eq(names_line(&list, names_at(&list, i)), lines[i]);
}
END_TEST

START_TEST(the_first_of_equal_names_is_kept) {
    NameList list = read_names("b\na\nb\nab\na\nc\nc\nc\nb a\n");
    ck_assert(names_make_unique(&list, &err));
    ck_assert_str_eq(barred(&list), "b|a|ab|c|b a|");
    ck_assert_uint_eq(names_line(&list, names_at(&list, 3)), 6);
    ck_assert(names_make_unique(&list, &err));
    ck_assert_uint_eq(list.n, 5);
}
END_TEST

START_TEST(unique_holds_for_many_names) {
    enum { N = 20000, DISTINCT = 7001 };
    Buffer text = {.arena = &arena};
    for (int i = 0; i < N; i++) buffer_print(&text, "n%d\n", i * 13 % DISTINCT);
    NameList list = read_names(buffer_text(&text, &err));
    ck_assert_uint_eq(list.n, N);
    ck_assert(names_make_unique(&list, &err));
    ck_assert_uint_eq(list.n, DISTINCT);
    for (int i = 0; i < DISTINCT; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "n%d", i * 13 % DISTINCT);
        Bytes name = names_at(&list, (size_t)i);
        ck_assert_uint_eq(name.n, strlen(expected));
        ck_assert_mem_eq(name.at, expected, strlen(expected));
    }
}
END_TEST

START_TEST(a_set_has_its_names_and_no_others) {
    Buffer text = {.arena = &arena};
    for (int i = 0; i < 3000; i++) buffer_print(&text, "n%d\n", 2 * i);
    NameList list = read_names(buffer_text(&text, &err));
    NameSet set;
    ck_assert(nameset_create(&set, &list, &arena, &err));
    for (int i = 0; i < 6000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        ck_assert_int_eq(nameset_has(&set, name, strlen(name)), i % 2 == 0);
    }
    ck_assert(!nameset_has(&set, "", 0) && !nameset_has(&set, "n", 1) && !nameset_has(&set, "n0\n", 3));
    ck_assert(nameset_has(&set, "n02", 2));
}
END_TEST

START_TEST(a_set_takes_names_that_come_twice) {
    NameList list = read_names("ava\nava\nemma\n");
    NameSet set;
    ck_assert(nameset_create(&set, &list, &arena, &err));
    ck_assert(nameset_has(&set, "ava", 3) && nameset_has(&set, "emma", 4) && !nameset_has(&set, "av", 2));
    size_t index = 9;
    ck_assert(!nameset_find(&set, "av", 2, &index) && index == 9);
    ck_assert(nameset_find(&set, "ava", 3, &index) && index == 0);
    ck_assert(nameset_find(&set, "emma", 4, &index) && index == 2);
}
END_TEST

static Vocab vocab_of(const char *text) {
    NameList list = read_names(text);
    Vocab vocab;
    ck_assert_msg(vocab_create(&vocab, &list, &arena, &err), "%s", err.text);
    return vocab;
}

START_TEST(the_vocabulary_is_sorted_behind_the_boundary) {
    static const uint32_t expected[] = {0, ' ', '.', 'a', 'b', 'z', 0xE9, 0x3B1, 0x3042, 0x1F600};
    Vocab vocab = vocab_of("z b.a\n\xF0\x9F\x98\x80\xE3\x81\x82\nab\xCE\xB1\xC3\xA9\n");
    ck_assert_uint_eq(vocab.n, sizeof expected / sizeof *expected);
    for (uint16_t i = 0; i < vocab.n; i++) {
        ck_assert_uint_eq(vocab.code_points[i], expected[i]);
        ck_assert_uint_eq(vocab_find(&vocab, expected[i]), i);
    }
}
END_TEST

START_TEST(a_code_point_outside_the_vocabulary_has_no_id) {
    static const uint32_t others[] = {1, 'a' - 1, 'b', 'd', 0xE8, 0xEA, 0x10FFFF};
    Vocab vocab = vocab_of("ac\xC3\xA9\n");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_uint_eq(vocab_find(&vocab, others[i]), BOUNDARY);
}
END_TEST

START_TEST(a_full_stop_is_not_the_boundary) {
    Vocab vocab = vocab_of(".\n");
    char bytes[4];
    ck_assert_uint_eq(vocab.n, 2);
    ck_assert_uint_eq(vocab_find(&vocab, '.'), 1);
    ck_assert_uint_eq(vocab_decode(&vocab, 1, bytes), 1);
    ck_assert_int_eq(bytes[0], '.');
}
END_TEST

START_TEST(text_comes_back_from_its_ids) {
    static const char *const texts[] = {
        "Zo\xC3\xAB d'Arc", "\xCE\x91\xCE\xBB\xCE\xAD\xCE\xBE\xCE\xB1\xCE\xBD\xCE\xB4\xCF\x81\xCE\xBF\xCF\x82",
        "\xE3\x81\x95\xE3\x81\x8F\xE3\x82\x89" IDEOGRAPHIC_SPACE "\xE6\xA1\x9C", "a  b.c", "\xF0\x9F\x98\x80!"};
    Buffer all = {.arena = &arena};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) buffer_print(&all, "%s\n", texts[i]);
    Vocab vocab = vocab_of(buffer_text(&all, &err));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint16_t ids[64];
        size_t n_ids, n = strlen(texts[i]), n_back = 0;
        char back[64];
        ck_assert_msg(vocab_encode(&vocab, texts[i], n, ids, &n_ids, &err), "%s", err.text);
        ck_assert_uint_eq(n_ids, utf8_count(texts[i], n));
        for (size_t k = 0; k < n_ids; k++) {
            ck_assert_uint_ne(ids[k], BOUNDARY);
            n_back += vocab_decode(&vocab, ids[k], back + n_back);
        }
        ck_assert_uint_eq(n_back, n);
        ck_assert_mem_eq(back, texts[i], n);
    }
}
END_TEST

START_TEST(a_table_of_ids_encodes_as_the_vocabulary_does) {
    NameList list = read_names("emma\nZo\xC3\xAB d'Arc\n\xF0\x9F\x98\x80 \xE3\x81\x82\n");
    Vocab vocab;
    VocabTable table;
    uint16_t ids[16], expected[16];
    size_t n = 0;
    ck_assert(vocab_create(&vocab, &list, &arena, &err) && vocab_table_create(&table, &vocab, &arena, &err));
    for (size_t i = 0; i < list.n; i++) {
        Bytes name = names_at(&list, i);
        ck_assert(vocab_encode(&vocab, name.at, name.n, expected, &n, &err));
        ck_assert_uint_eq(vocab_encode_name(&table, name.at, name.n, ids), n);
        ck_assert_mem_eq(ids, expected, n * sizeof *ids);
    }
    ck_assert_uint_eq(vocab_encode_name(&table, "emmy", 4, ids), 0);
    ck_assert_uint_eq(vocab_encode_name(&table, "em\xC3\xA9", 4, ids), 0);
    ck_assert_uint_eq(vocab_encode_name(&table, "\xF4\x8F\xBF\xBF", 4, ids), 0);
}
END_TEST

START_TEST(encoding_names_what_it_cannot_take) {
    Vocab vocab = vocab_of("emma\n");
    uint16_t ids[8];
    size_t n = 9;
    ck_assert(vocab_encode(&vocab, "", 0, ids, &n, &err));
    ck_assert_uint_eq(n, 0);
    ck_assert(!vocab_encode(&vocab, "emm\xC3\xA9", 5, ids, &n, &err));
    ck_assert_str_eq(err.text, "\"\xC3\xA9\" (U+00E9) is not in the model's vocabulary");
    ck_assert(!vocab_encode(&vocab, "em\xE9", 3, ids, &n, &err));
    ck_assert_str_eq(err.text, "byte 0xe9 is not UTF-8");
    ck_assert(!vocab_encode(&vocab, "e\0m", 3, ids, &n, &err));
}
END_TEST

// A names file with the first n code points beyond the basic plane.
static NameList many_symbols(uint32_t n) {
    Buffer text = {.arena = &arena};
    for (uint32_t i = 0; i < n; i++) {
        char bytes[UTF8_MAX_BYTES];
        buffer_add(&text, bytes, utf8_encode(0x10000 + i, bytes));
        if (i % 100 == 99) buffer_add(&text, "\n", 1);
    }
    return read_bytes(buffer_text(&text, &err), text.n);
}

START_TEST(the_vocabulary_has_at_most_65535_symbols) {
    NameList list = many_symbols(65534);
    Vocab vocab;
    char bytes[4], expected[ERROR_TEXT_BYTES];
    ck_assert_msg(vocab_create(&vocab, &list, &arena, &err), "%s", err.text);
    ck_assert_uint_eq(vocab.n, VOCAB_MAX_SYMBOLS);
    ck_assert_uint_eq(vocab_find(&vocab, 0x10000 + 65533), 65534);
    ck_assert_uint_eq(vocab_decode(&vocab, 65534, bytes), 4);
    list = many_symbols(65535);
    ck_assert(!vocab_create(&vocab, &list, &arena, &err));
    snprintf(expected, sizeof expected, "%s: 65536 different symbols; at most 65535 can be told apart", list.path);
    ck_assert_str_eq(err.text, expected);
}
END_TEST

// A file of that many bytes, `text` and then NULs that take no room on the disk. False where the disk has no such
// files.
static bool write_sparse(const char *text, uint64_t size) {
    const char *path = scratch("sparse.txt");
    write_text(path, text);
    return truncate(path, (off_t)size) == 0;
}

START_TEST(a_line_or_a_file_too_large_is_refused) {
    char expected[ERROR_TEXT_BYTES];
    NameList list;
    Arena large = {0};
    if (!write_sparse("emma\nava\n", (uint64_t)64 << 30)) return;
    ck_assert(!names_read(&list, scratch("sparse.txt"), &large, &err));
    snprintf(expected, sizeof expected, "%s: a names file must be smaller than 64 GiB", scratch("sparse.txt"));
    ck_assert_str_eq(err.text, expected);
    ck_assert(write_sparse("emma\nava\n", 9 + ((uint64_t)1 << 28)));
    ck_assert(!names_read(&list, scratch("sparse.txt"), &large, &err));
    snprintf(expected, sizeof expected, "%s: line 3: it has 256 MiB or more; put one name a line",
             scratch("sparse.txt"));
    ck_assert_str_eq(err.text, expected);
    arena_free(&large);
}
END_TEST

SUITE(names, NEEDS_NOTHING) {
    ADD(a_line_is_a_name);
    ADD(names_are_trimmed_of_every_space);
    ADD(lines_may_end_in_crlf);
    ADD(a_byte_order_mark_is_passed_over_once);
    ADD(plain_lines_stand_beside_others);
    ADD(blank_lines_are_skipped);
    ADD(a_file_without_names_is_refused);
    ADD(bytes_that_are_not_utf8_are_named_with_their_line);
    ADD(control_characters_are_named_with_their_line);
    ADD(a_missing_file_and_a_dir_are_named);
    ADD(the_digest_is_that_of_the_files_bytes);
    ADD(every_name_knows_its_line);
    ADD(the_first_of_equal_names_is_kept);
    ADD(unique_holds_for_many_names);
    ADD(a_set_has_its_names_and_no_others);
    ADD(a_set_takes_names_that_come_twice);
    ADD(the_vocabulary_is_sorted_behind_the_boundary);
    ADD(a_code_point_outside_the_vocabulary_has_no_id);
    ADD(a_full_stop_is_not_the_boundary);
    ADD(text_comes_back_from_its_ids);
    ADD(a_table_of_ids_encodes_as_the_vocabulary_does);
    ADD(encoding_names_what_it_cannot_take);
    ADD(the_vocabulary_has_at_most_65535_symbols);
    ADD(a_line_or_a_file_too_large_is_refused);
}
