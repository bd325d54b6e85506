#include "testing.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

START_TEST(every_code_point_is_encoded_and_decoded) {
    for (uint32_t c = 1; c < UTF8_CODE_POINTS; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        char bytes[UTF8_MAX_BYTES];
        uint32_t back = 0;
        size_t n = utf8_encode(c, bytes);
        ck_assert_uint_eq(utf8_decode(bytes, n, &back), n);
        ck_assert_uint_eq(back, c);
        if (n > 1) ck_assert_uint_eq(utf8_decode(bytes, n - 1, &back), 0);
    }
}
END_TEST

START_TEST(invalid_utf8_is_refused) {
    static const char *const wrong[] = {
        "\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
        "\xFF", "\xC3("};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        uint32_t c;
        ck_assert_uint_eq(utf8_decode(wrong[i], strlen(wrong[i]), &c), 0);
    }
}
END_TEST

START_TEST(spaces_and_control_characters_are_those_of_unicode) {
    static const uint32_t spaces[] = {' ', '\t', 0xA0, 0x1680, 0x2000, 0x200A, 0x202F, 0x205F, 0x3000};
    static const uint32_t no_spaces[] = {'a', '\n', 0xA1, 0x1681, 0x1FFF, 0x200B, 0x2030, 0x2060, 0x3001};
    static const uint32_t controls[] = {0, '\n', 0x1F, 0x7F, 0x9F, 0x2028, 0x2029};
    static const uint32_t no_controls[] = {' ', '~', 0xA0, 0x2027, 0x202A};
    for (size_t i = 0; i < COUNT(spaces); i++) ck_assert(utf8_is_space(spaces[i]));
    for (size_t i = 0; i < COUNT(no_spaces); i++) ck_assert(!utf8_is_space(no_spaces[i]));
    for (size_t i = 0; i < COUNT(controls); i++) ck_assert(utf8_is_control(controls[i]));
    for (size_t i = 0; i < COUNT(no_controls); i++) ck_assert(!utf8_is_control(no_controls[i]));
    char text[] = "a\x1b[2J\xC2\x9B[1m\xE2\x80\xA8\x7F\xC3\xA9\xFF\n";
    text_sanitize(text);
    ck_assert_str_eq(text, "a?[2J??[1m????\xC3\xA9\xFF?");
}
END_TEST

START_TEST(wide_characters_take_two_columns) {
    ck_assert_uint_eq(utf8_columns(""), 0);
    ck_assert_uint_eq(utf8_columns("ab\u00E9\u03B1"), 4);
    ck_assert_uint_eq(utf8_columns("\u3042\u6F22a"), 5);
    ck_assert_uint_eq(utf8_columns("\U0001F600"), 2);
    ck_assert_uint_eq(utf8_columns("e\u0301\u0e19\u0e35\u05d3\u05b8"), 3);
}
END_TEST

START_TEST(numbers_are_the_whole_text) {
    static const char *const wrong[] = {"", "nan", "inf", "0x10", "1 ", " 1", "1,5", "--1", "1e"};
    double x;
    uint64_t n;
    ck_assert(text_number("-.5", &x) && x > -0.51 && x < -0.49);
    ck_assert(text_number("1e400", &x) && isinf(x));
    for (size_t i = 0; i < COUNT(wrong); i++) ck_assert_msg(!text_number(wrong[i], &x), "%s", wrong[i]);
    ck_assert(text_whole("18446744073709551615", 0, UINT64_MAX, &n) && n == UINT64_MAX);
    ck_assert(!text_whole("18446744073709551616", 0, UINT64_MAX, &n));
    ck_assert(!text_whole("-1", 0, 10, &n) && !text_whole("", 0, 10, &n) && !text_whole("11", 0, 10, &n));
}
END_TEST

START_TEST(words_are_compared) {
    char longest[300];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *words[] = {"steps", "batch_size", "lr", NULL, longest};
    const struct {
        const char *word;
        size_t nearest;
    } cases[] = {{"stpes", 0}, {"batchsize", 1}, {"l", 2},  {"batch", 1}, {"lrate", 5}, {"steps_max", 0},
                 {"temp", 5},  {"lt", 2},        {"rl", 2}, {"", 5},      {longest, 5}};
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_uint_eq(text_nearest(cases[i].word, words, COUNT(words)), cases[i].nearest);
    ck_assert(text_ends_with("mlp.json", ".json") && text_ends_with(".json", ".json") && text_ends_with("mlp", ""));
    ck_assert(!text_ends_with("json", ".json") && !text_ends_with("mlp.json.tmp", ".json"));
}
END_TEST

SUITE(text, NEEDS_NOTHING) {
    ADD(every_code_point_is_encoded_and_decoded);
    ADD(invalid_utf8_is_refused);
    ADD(spaces_and_control_characters_are_those_of_unicode);
    ADD(wide_characters_take_two_columns);
    ADD(numbers_are_the_whole_text);
    ADD(words_are_compared);
}
