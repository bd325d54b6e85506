// HTML out of text that may hold anything, and base64.
#include "testing.h"

#include "base/base64.h"
#include "draw/html.h"

#include <math.h>
#include <string.h>

static Arena arena; // as long as the test

static const char *text_of(Buffer *out) {
    Error err = {0};
    const char *text = buffer_text(out, &err);
    ck_assert_msg(text != NULL, "%s", err.text);
    return text;
}

START_TEST(text_is_never_markup) {
    Buffer text = {.arena = &arena}, name = {.arena = &arena}, none = {.arena = &arena};
    html_text(&text, "<a href=\"x\" id='y'>&amp;`$\\ \xE2\x80\xA8");
    ck_assert_str_eq(text_of(&text), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;`$\\ \xE2\x80\xA8");
    html_name(&name, "</bdi>", 4);
    ck_assert_str_eq(text_of(&name), "<bdi>&lt;/bd</bdi>");
    html_bytes(&none, "", 0);
    ck_assert_str_eq(text_of(&none), "");
}
END_TEST

START_TEST(json_ends_no_script) {
    Buffer out = {.arena = &arena};
    html_json(&out, "[\"</script><!--<\"]<");
    ck_assert_str_eq(text_of(&out), "[\"\\u003c/script>\\u003c!--\\u003c\"]\\u003c");
}
END_TEST

START_TEST(numbers_for_people) {
    static const struct {
        uint64_t number;
        const char *text;
    } cases[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Buffer out = {.arena = &arena};
        html_whole(&out, cases[i].number);
        ck_assert_str_eq(text_of(&out), cases[i].text);
    }
    Buffer out = {.arena = &arena};
    html_loss(&out, 2.06369);
    html_loss(&out, INFINITY);
    html_loss(&out, (double)NAN);
    ck_assert_str_eq(text_of(&out), "2.0637&infin;&ndash;");
}
END_TEST

// What goes into a slot is not searched for slots; an unknown one stays empty.
START_TEST(slots_are_filled_once) {
    Buffer a = {.arena = &arena}, b = {.arena = &arena}, out = {.arena = &arena};
    buffer_print(&a, "{{b}}");
    buffer_print(&b, "B");
    const HtmlSlot slots[] = {{"a", &a}, {"b", &b}, {"none", &(Buffer){.arena = &arena}}};
    html_fill(&out, "<{{a}}|{{b}}{{b}}|{{none}}{{unknown}}> {not} }} {", slots, 3);
    ck_assert_str_eq(text_of(&out), "<{{b}}|BB|> {not} }} {");
}
END_TEST

// RFC 4648, section 10, and bytes that signed characters would spoil.
START_TEST(base64_has_the_values_of_its_standard) {
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xFF\xFE\xFD\xFC", "//79/A=="}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Buffer out = {.arena = &arena};
        base64_add(&out, cases[i][0], strlen(cases[i][0]));
        ck_assert_str_eq(text_of(&out), cases[i][1]);
    }
}
END_TEST

SUITE(html, NEEDS_NOTHING) {
    ADD(text_is_never_markup);
    ADD(json_ends_no_script);
    ADD(numbers_for_people);
    ADD(slots_are_filled_once);
    ADD(base64_has_the_values_of_its_standard);
}
