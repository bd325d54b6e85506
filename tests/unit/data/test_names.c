// Names files and their vocabulary.
#include "testing.h"

#include "base/buffer.h"
#include "base/text.h"
#include "data/vocab.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static Arena arena;
static Error err;

#define IDEOGRAPHIC_SPACE "\xE3\x80\x80"
#define NO_BREAK_SPACE "\xC2\xA0"
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define E_ACUTE "\xC3\xA9"
#define BYTES(text) text, sizeof text - 1

static NameList read_as(const NameFormat *format, const char *bytes, size_t n) {
    NameList list;
    write_bytes(scratch("names.txt"), bytes, n);
    ck_assert_msg(names_read(&list, scratch("names.txt"), format, &arena, &err), "%s", err.text);
    return list;
}

static NameList read_bytes(const char *bytes, size_t n) { return read_as(NULL, bytes, n); }

static NameList read_names(const char *text) { return read_bytes(text, strlen(text)); }

// Returns the names with a bar after each.
static const char *barred(const NameList *list) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < list->n; i++) buffer_print(&out, "%.*s|", (int)names_at(list, i).n, names_at(list, i).at);
    return buffer_text(&out, &err);
}

START_TEST(names_are_trimmed_lines) {
    static const char *const cases[][2] = {
        {"emma\nolivia\nava\n", "emma|olivia|ava|"},
        {"emma\nava", "emma|ava|"},
        {"x", "x|"},
        {"de la cruz\no'neill\n-.,\n", "de la cruz|o'neill|-.,|"},
        {"  emma\t\n\t olivia \n", "emma|olivia|"},
        {IDEOGRAPHIC_SPACE "\xE3\x81\x82" IDEOGRAPHIC_SPACE "\n", "\xE3\x81\x82|"},
        {NO_BREAK_SPACE " ava" NO_BREAK_SPACE "\n", "ava|"},
        {" a  b" IDEOGRAPHIC_SPACE "c \n", "a  b" IDEOGRAPHIC_SPACE "c|"},
        {"emma\r\nolivia \r\n\r\nava\r\n", "emma|olivia|ava|"},
        {"emma\rolivia\r\rava \r\n" E_ACUTE "\rzoe", "emma|olivia|ava|" E_ACUTE "|zoe|"},
        {BYTE_ORDER_MARK " emma\r\n", "emma|"},
        {BYTE_ORDER_MARK "\nava\n", "ava|"},
        {"emma\n" BYTE_ORDER_MARK "ava\n", "emma|" BYTE_ORDER_MARK "ava|"},
        {"a~!\nb c\n d\ne\t\n" E_ACUTE "\ng" E_ACUTE "\nh\n", "a~!|b c|d|e|" E_ACUTE "|g" E_ACUTE "|h|"},
        {"\n\nemma\n \t \n" IDEOGRAPHIC_SPACE "\nava\n\n\n", "emma|ava|"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NameList list = read_names(cases[i][0]);
        ck_assert_str_eq(barred(&list), cases[i][1]);
    }
}
END_TEST

#define TO_UTF8 " -t UTF-8 FILE > NEW"
#define MAYBE_LATIN " is not UTF-8; if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252" TO_UTF8
#define ONLY_HERE " is not UTF-8, unlike the text before; correct it"
#define WIDE(encoding) "line 1: not UTF-8 but " encoding "; convert the file: iconv -f " encoding TO_UTF8

START_TEST(what_is_no_names_file_is_refused) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *reason;
    } cases[] = {
        {BYTES(""), "the file is empty; put one name per line into it"},
        {BYTES("\n"), "only blank lines; put one name per line into it"},
        {BYTES(BYTE_ORDER_MARK " \n\t\n\r\n" NO_BREAK_SPACE), "only blank lines; put one name per line into it"},
        {BYTES("emma\n\nzo\xEB\nava\n"), "line 3: byte 0xeb" MAYBE_LATIN},
        {BYTES("\xFF\xFE\x65\0"), WIDE("UTF-16")},
        {BYTES("\xFE\xFF\0\x65"), WIDE("UTF-16")},
        {BYTES("\xFF\xFE\0\0\x65\0\0\0"), WIDE("UTF-32")},
        {BYTES("\0\0\xFE\xFF\0\0\0\x65"), WIDE("UTF-32")},
        {BYTES("e\0\n\0o\0\r\0\n\0"), WIDE("UTF-16LE")},
        {BYTES("\0e\0\n\0o\0\n"), WIDE("UTF-16BE")},
        {BYTES("\x30\x04\x3D\x04\n\0\x38\x04\n\0"), WIDE("UTF-16LE")}, // no NUL in the first line
        {BYTES("\x09\x04\x43\x04\n\0"), WIDE("UTF-16LE")},
        {BYTES("e\0\0\0\n\0\0\0o\0\0\0"), WIDE("UTF-32LE")},
        {BYTES("\0\0\0e\0\0\0\n\0\0\0o"), WIDE("UTF-32BE")},
        {BYTES("zo\xC3\xAB\nzo\xEB\n"), "line 2: byte 0xeb" ONLY_HERE},
        {BYTES("ava\nzo\xC3"), "line 2: byte 0xc3" MAYBE_LATIN},
        {BYTES("ava\nzo\xC3\n\xAB"), "line 2: byte 0xc3" MAYBE_LATIN},
        {BYTES(BYTE_ORDER_MARK "\xED\xA0\x80"), "line 1: byte 0xed" ONLY_HERE},
        {BYTES("emma\nav\0a\n"), "line 2: control character U+0000; remove it"},
        {BYTES("ava\nb\0"), "line 2: control character U+0000; remove it"},
        {BYTES("emma\n\nav\x1B[0ma\n"), "line 3: control character U+001B; remove it"},
        {BYTES("a\rb\tc\n"),
         "line 2: a tab; if it separates columns, choose one with data.column, or cut -f1 FILE > NEW"},
        {BYTES("ava\nb\x7F\n"), "line 2: control character U+007F; remove it"},
        {BYTES("ava\xC2\x85\n"), "line 1: control character U+0085; remove it"},
        {BYTES("a\xE2\x80\xA8\xC3\xA9\n"), "line 1: control character U+2028; remove it"},
    };
    const char *path = scratch("names.txt");
    char expected[ERROR_TEXT_BYTES];
    NameList list;
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_bytes(path, cases[i].bytes, cases[i].n);
        ck_assert_msg(!names_read(&list, path, NULL, &arena, &err), "accepted, not \"%s\"", cases[i].reason);
        snprintf(expected, sizeof expected, "%s: %s", path, cases[i].reason);
        ck_assert_str_eq(err.text, expected);
    }
    ck_assert(!names_read(&list, scratch("missing"), NULL, &arena, &err));
    snprintf(expected, sizeof expected, "%s: no such file or directory", scratch("missing"));
    ck_assert_str_eq(err.text, expected);
}
END_TEST

static NameFormat named(const char *name) { return (NameFormat){.column.name = name}; }

static NameFormat numbered(uint64_t number) { return (NameFormat){.column.number = number}; }

START_TEST(a_column_of_a_table_has_the_names) {
    const struct {
        NameFormat format;
        const char *table, *names;
        size_t last_line;
    } cases[] = {
        {named("name"), "name,count\nemma,3\n ava ,2\n\nzoe,1\n", "emma|ava|zoe|", 5},
        {named("name"), BYTE_ORDER_MARK "\r\nid;\"name\"\r\n1;o'neill, jr\r\n2;\r\n3;\"ava\"\r\n", "o'neill, jr|ava|",
         5},
        {named("my \"name\""), "a,\" my \"\"name\"\" \"\n1,\"a, \"\"b\"\"\"\n2,\" c \"\n3,d\"e", "a, \"b\"|c|d\"e|", 4},
        {named("name"), "note\tname\r\"two\r\nlines\"\temma\rx\tava", "emma|ava|", 4},
        {named("name"), "name\nemma\n", "emma|", 2},
        {named("name"), "id, \"name\" , n\n1,  \"emma, jr\" ,2\n2, ava ,3\n", "emma, jr|ava|", 3},
        {numbered(1), "emma,F,7\nava,F\n", "emma|ava|", 2},
        {numbered(2), "1\tzo\xC3\xAB\n2\tava\t\n", "zo\xC3\xAB|ava|", 2},
        {named("\xC3\xA9"), "x,\xC3\xA9,\xFF\n\xFF,ava,x\n", "ava|", 2}, // other columns need not be UTF-8
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NameList list = read_as(&cases[i].format, cases[i].table, strlen(cases[i].table));
        ck_assert_str_eq(barred(&list), cases[i].names);
        ck_assert_uint_eq(names_line(&list, names_at(&list, list.n - 1)), cases[i].last_line);
    }
}
END_TEST

START_TEST(a_broken_table_is_refused) {
    const struct {
        NameFormat format;
        const char *table, *reason;
    } cases[] = {
        {named("nam"), "name,count\na,1\n",
         "line 1: data.column: no column \"nam\"; the header has \"name\", \"count\""},
        {named("nom"), "pr\xE9nom,n\na,1\n", "line 1: data.column: byte 0xe9" MAYBE_LATIN},
        {numbered(3), "\na,1\n", "line 2: data.column: expected at least 3 columns, found 2"},
        {numbered(2), "a,1\n\"\n\n\"\n", "line 2: expected at least 2 columns, found 1"},
        {numbered(1), "a,1\n\"b\n,2\n", "line 2: a quote without an end"},
        {numbered(1), "a,1\n\"b\"c,2\n",
         "line 2: text after a closing quote; a quote inside a quoted field is written twice"},
        {numbered(1), "a,1\n\"b\nc\",2\n", "line 2: a line break inside the quoted name; remove it"},
        {numbered(2), "1;a\n2;\xE9\n", "line 2: byte 0xe9" MAYBE_LATIN},
        {named("name"), "name,x\n\n", "only a header; no names below it"},
        {named("name"), "\nname,x\n,1\n", "only blank lines; put one name per line into it"},
        {numbered(1), " \n", "only blank lines; put one name per line into it"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NameList list;
        write_text(scratch("names.txt"), cases[i].table);
        ck_assert_msg(!names_read(&list, scratch("names.txt"), &cases[i].format, &arena, &err), "%s", cases[i].table);
        ck_assert_str_eq(err.text, textf("%s: %s", scratch("names.txt"), cases[i].reason));
    }
}
END_TEST

START_TEST(the_column_of_a_table_is_guessed) {
    static const struct {
        const char *text, *name;
        uint64_t number;
    } cases[] = {
        {"emma\nava\n", NULL, 0},
        {"emma\nsmith, ava\nmia\n", NULL, 0},
        {"name,gender\n", NULL, 0},
        {"a,b\n\"c,d\n", NULL, 0},
        {"name,gender,count\nEmma,F,21\nAva,F,20\n", "name", 0},
        {"id;First Name;Last Name\n1;ann;lee\n", "First Name", 0},
        {"sexe;preusuel;nombre\n1;ANNA;3\n2;LÉA;2\n2;ZOÉ;1\n", "preusuel", 0},
        {"Mary,F,7065\nAnna,F,2604\nEmma,F,2003\n", NULL, 1},
        {"1\tF\tmary\n2\tF\tanna\n", NULL, 3},
        {"\"1\",\" 2\"\n3,4\n", NULL, 1},
        {"first,last\nann,lee\nava,king\n", "first", 0},
        {"name\nann\nava\n", "name", 0},
        {"\"lee, ann\"\n\"ava\"\n", NULL, 1},
        {"\"ann\"\nava\n", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NameFormat format;
        TableGuess table;
        write_text(scratch("names.txt"), cases[i].text);
        ck_assert(names_guess(&format, &table, scratch("names.txt"), &arena, &err));
        ck_assert_msg(format.column.number == cases[i].number, "%s: %zu", cases[i].text, (size_t)format.column.number);
        ck_assert_pstr_eq(format.column.name, cases[i].name);
    }
}
END_TEST

#define EIGHT_ROWS "a,1\nb,2\nc,3\nd,4\ne,5\nf,6\ng,7\nh,8\n"

START_TEST(an_odd_row_of_a_table_is_found) {
    static const char *const cases[][2] = {
        {"name,n\n" EIGHT_ROWS "i\n", "line 10 has 1 column, not 2"},
        {"# a comment\nname,n\n" EIGHT_ROWS, "line 1 has 1 column, not 2"},
        {"# ours, theirs, all\nname,n\n" EIGHT_ROWS, "line 1 has 3 columns, not 2"},
        {"name,n\n\n\"i,9\n" EIGHT_ROWS, "line 3: a quote without an end"},
        {"name,n\n" EIGHT_ROWS, ""},
        {"smith, john\nann\nava\n" EIGHT_ROWS, ""},
        {"ann\nava\nmia\nzoe\nsmith, john\nlee, bo\n", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NameFormat format;
        TableGuess table;
        write_text(scratch("names.txt"), cases[i][0]);
        ck_assert(names_guess(&format, &table, scratch("names.txt"), &arena, &err));
        ck_assert_str_eq(table.odd.text, cases[i][1]);
    }
}
END_TEST

#define ACUTE "\xCC\x81"
#define NUKTA_QA "\xE0\xA5\x98" // NFC has two characters for it

START_TEST(names_are_normalized) {
    static const char text[] = "ava\r\nZoe" ACUTE "\r\n\n" E_ACUTE "ve\n" NUKTA_QA NUKTA_QA "\ne" ACUTE "ve";
    const NameFormat nfc = {.normalize = NORMAL_FORMS[0]};
    NameList list = read_as(&nfc, text, sizeof text - 1), plain = read_names(text);
    ck_assert_str_eq(barred(&list),
                     "ava|Zo" E_ACUTE "|" E_ACUTE "ve|\xE0\xA4\x95\xE0\xA4\xBC\xE0\xA4\x95\xE0\xA4\xBC|" E_ACUTE "ve|");
    ck_assert(list.changes.lines == 3 && list.changes.first_line == 2);
    ck_assert_str_eq(list.sha256, plain.sha256);
    ck_assert_uint_eq(names_line(&list, names_at(&list, 4)), 6);
    ck_assert_str_eq(barred(&plain), "ava|Zoe" ACUTE "|" E_ACUTE "ve|" NUKTA_QA NUKTA_QA "|e" ACUTE "ve|");
    const NameFormat table = {.column.name = E_ACUTE, .normalize = NORMAL_FORMS[0]};
    list = read_as(&table, BYTES("x,e" ACUTE "\n\"\"\"\",\"a\"\"e" ACUTE "\"\n"));
    ck_assert_str_eq(barred(&list), "a\"" E_ACUTE "|");
}
END_TEST

// The file is sparse: its NULs take no room on the disk.
START_TEST(a_line_too_large_is_refused) {
    const char *path = scratch("sparse.txt");
    NameList list;
    write_text(path, "emma\nava\n");
    if (truncate(path, 9 + ((off_t)1 << 28)) != 0) return;
    ck_assert(!names_read(&list, path, NULL, &arena, &err));
    ck_assert_str_eq(err.text, textf("%s: line 3: it has 256 MiB or more; put one name per line", path));
}
END_TEST

START_TEST(a_list_knows_its_digest_and_lines) {
    static const size_t lines[] = {1, 3, 5};
    NameList list = read_names("abc");
    ck_assert_str_eq(list.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    list = read_names(BYTE_ORDER_MARK "emma\r\n\r  ava\n\nemma");
    ck_assert(list.n == 3 && list.n_lines == 5);
    for (size_t i = 0; i < list.n; i++) ck_assert_uint_eq(names_line(&list, names_at(&list, i)), lines[i]);
    ck_assert_uint_eq(names_next_line(3, names_at(&list, 1), names_at(&list, 2)), 5);
}
END_TEST

START_TEST(the_first_of_equal_names_is_kept) {
    NameList list = read_names("b\na\nb\nab\na\nc\nc\nc\nb a\n");
    ck_assert(names_make_unique(&list, &err));
    ck_assert_str_eq(barred(&list), "b|a|ab|c|b a|");
    ck_assert_uint_eq(names_line(&list, names_at(&list, 3)), 6);
}
END_TEST

START_TEST(a_set_has_its_names_and_no_others) {
    static const char *const others[] = {"", "n", "n0\n", "n02x", "n4x"};
    Buffer text = {.arena = &arena};
    size_t index = 9;
    for (int i = 0; i < 3000; i++) buffer_print(&text, "n%d\n", 2 * i);
    buffer_print(&text, "n4\n");
    NameList list = read_names(buffer_text(&text, &err));
    NameSet set;
    ck_assert(name_set_create(&set, &list, &arena, &err));
    for (int i = 0; i < 6000; i++) {
        char name[16];
        int n = snprintf(name, sizeof name, "n%d", i);
        ck_assert_int_eq(name_set_find(&set, name, (size_t)n, &index), i % 2 == 0);
        ck_assert_uint_eq(index, (size_t)i / 2); // the first of equal names
    }
    for (size_t i = 0; i < COUNT(others); i++) ck_assert(!name_set_find(&set, others[i], strlen(others[i]), &index));
}
END_TEST

static Vocab vocab_of(const char *text) {
    NameList list = read_names(text);
    Vocab vocab;
    ck_assert_msg(vocab_create(&vocab, &list, &arena, &err), "%s", err.text);
    return vocab;
}

START_TEST(the_vocabulary_is_sorted_after_the_boundary) {
    static const uint32_t expected[] = {0, ' ', '.', 'a', 'b', 'z', 0xE9, 0x3B1, 0x3042, 0x1F600};
    static const uint32_t others[] = {1, 'a' - 1, 'c', 0xE8, 0xEA, 0x1F601, 0x10FFFF};
    Vocab vocab = vocab_of("z b.a\n\xF0\x9F\x98\x80\xE3\x81\x82\nab\xCE\xB1" E_ACUTE "\n");
    ck_assert_uint_eq(vocab.n, COUNT(expected));
    for (uint16_t i = 0; i < vocab.n; i++) {
        ck_assert_uint_eq(vocab.code_points[i], expected[i]);
        ck_assert_uint_eq(vocab_find(&vocab, expected[i]), i);
    }
    for (size_t i = 0; i < COUNT(others); i++) ck_assert_uint_eq(vocab_find(&vocab, others[i]), BOUNDARY);
}
END_TEST

START_TEST(encoding_names_what_it_cannot_take) {
    static const struct {
        const char *text;
        size_t n;
        const char *reason;
    } cases[] = {{BYTES("emm" E_ACUTE), "\"" E_ACUTE "\" (U+00E9) is not in the model's vocabulary"},
                 {BYTES("em\xF4\x8F\xBF\xBF"), "\"\xF4\x8F\xBF\xBF\" (U+10FFFF) is not in the model's vocabulary"},
                 {BYTES("em\xE9"), "byte 0xe9 is not UTF-8"}};
    Vocab vocab = vocab_of("emma\n");
    uint16_t ids[8];
    size_t n = 9;
    ck_assert(vocab_encode(&vocab, "", 0, ids, &n, &err) && n == 0);
    ck_assert(!vocab_encode(&vocab, "e\0m", 3, ids, &n, &err));
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert(!vocab_encode(&vocab, cases[i].text, cases[i].n, ids, &n, &err));
        ck_assert_str_eq(err.text, cases[i].reason);
    }
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
    char bytes[4];
    ck_assert_msg(vocab_create(&vocab, &list, &arena, &err), "%s", err.text);
    ck_assert_uint_eq(vocab.n, VOCAB_MAX_SYMBOLS);
    ck_assert_uint_eq(vocab_find(&vocab, 0x10000 + 65533), 65534);
    ck_assert_uint_eq(vocab_decode(&vocab, 65534, bytes), 4);
    list = many_symbols(65535);
    ck_assert(!vocab_create(&vocab, &list, &arena, &err));
    ck_assert_str_eq(err.text, textf("%s: 65536 different symbols; at most 65535 are supported", list.path));
}
END_TEST

SUITE(names, NEEDS_NOTHING) {
    ADD(names_are_trimmed_lines);
    ADD(what_is_no_names_file_is_refused);
    ADD(a_column_of_a_table_has_the_names);
    ADD(a_broken_table_is_refused);
    ADD(the_column_of_a_table_is_guessed);
    ADD(an_odd_row_of_a_table_is_found);
    ADD(names_are_normalized);
    ADD(a_line_too_large_is_refused);
    ADD(a_list_knows_its_digest_and_lines);
    ADD(the_first_of_equal_names_is_kept);
    ADD(a_set_has_its_names_and_no_others);
    ADD(the_vocabulary_is_sorted_after_the_boundary);
    ADD(encoding_names_what_it_cannot_take);
    ADD(the_vocabulary_has_at_most_65535_symbols);
}
