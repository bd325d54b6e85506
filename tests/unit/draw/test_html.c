// HTML from text that may contain anything, and base64.
#include "testing.h"

#include "base/base64.h"
#include "draw/html.h"

#include <math.h>
#include <string.h>

static Arena arena; // lives as long as the test

static const char *text_of(Buffer *out) {
    Error err = {0};
    const char *text = buffer_text(out, &err);
    ck_assert_msg(text != NULL, "%s", err.text);
    return text;
}

START_TEST(text_is_never_markup) {
    Buffer out = {.arena = &arena};
    html_text(&out, "<a href=\"x\" id='y'>&amp;`$\\ \xE2\x80\xA8");
    html_name(&out, "</bdi>", 4);
    html_json(&out, "[\"</script><!--<\"]<");
    ck_assert_str_eq(text_of(&out), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;`$\\ \xE2\x80\xA8"
                                    "<bdi>&lt;/bd</bdi>"
                                    "[\"\\u003c/script>\\u003c!--\\u003c\"]\\u003c");
}
END_TEST

START_TEST(numbers_are_for_people) {
    static const struct {
        uint64_t number;
        const char *text;
    } cases[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(HTML_WHOLE(cases[i].number), cases[i].text);
    ck_assert_str_eq(HTML_LOSS(2.06369), "2.0637");
    ck_assert_str_eq(HTML_LOSS((double)INFINITY), "&infin;");
    ck_assert_str_eq(HTML_LOSS((double)NAN), "&ndash;");
}
END_TEST

// RFC 4648, section 10, and bytes that signed characters would spoil.
START_TEST(base64_has_the_values_of_its_standard) {
    static const char *const cases[][2] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
                                           {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xFF\xFE\xFD\xFC", "//79/A=="}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Buffer out = {.arena = &arena};
        base64_add(&out, cases[i][0], strlen(cases[i][0]));
        ck_assert_str_eq(text_of(&out), cases[i][1]);
    }
}
END_TEST

SUITE(html, NEEDS_NOTHING) {
    ADD(text_is_never_markup);
    ADD(numbers_are_for_people);
    ADD(base64_has_the_values_of_its_standard);
}
