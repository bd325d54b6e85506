// The numbers behind the pictures, the text in scripts and in HTML, and the SVGs.
#include "testing.h"

#include "draw/gnuplot.h"
#include "draw/html.h"
#include "draw/numbers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Arena arena; // lives as long as the test
static Error err;

START_TEST(a_bin_includes_its_lower_end_and_the_last_what_lies_beyond) {
    const float x[] = {-5, -1, -0.5F, NAN, -0.01F, 0, 0.49F, 0.5F, 0.99F, 1, 7};
    const double want[] = {2, 2, 2, 4};
    double counts[4];
    histogram(11, x, -1, 1, 4, counts);
    for (size_t b = 0; b < 4; b++) ck_assert_double_eq_tol(counts[b], want[b], 1e-15);
}
END_TEST

// Returns the sum of squares of n numbers, `stride` apart, around their mean.
static double variation(size_t n, size_t stride, const double *x) {
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++) mean += x[i * stride] / (double)n;
    for (size_t i = 0; i < n; i++) sum += (x[i * stride] - mean) * (x[i * stride] - mean);
    return sum;
}

// For more points than dimensions and for fewer.
START_TEST(principal_components_maximise_the_variance) {
    static const size_t sizes[][2] = {{27, 10}, {10, 27}, {80, 3}, {1, 4}, {5, 5}};
    for (size_t s = 0; s < COUNT(sizes); s++) {
        size_t n = sizes[s][0], dim = sizes[s][1];
        Pca found;
        double *x = arena_alloc(&arena, n * dim, sizeof *x, &err), total = 0, dot = 0;
        for (size_t i = 0; i < n * dim; i++) x[i] = (double)((i * i * 31 + i * 17) % 101) * (double)(1 + i % dim);
        ck_assert(pca(&found, n, dim, x, &arena, &err));
        for (size_t d = 0; d < dim; d++) total += variation(n, dim, x + d);
        for (size_t i = 0; i < n; i++) dot += found.at[i][0] * found.at[i][1];
        const double own[] = {variation(n, 2, &found.at[0][0]), variation(n, 2, &found.at[0][1])};
        for (size_t k = 0; k < 2; k++) ck_assert_double_eq_tol(own[k], found.share[k] * total, 1e-9 * (total + 1));
        ck_assert_double_eq_tol(dot, 0, 1e-7 * (total + 1));
        ck_assert(found.share[0] >= found.share[1] && found.share[0] + found.share[1] <= 1 + 1e-12);
        for (size_t d = 0; d < dim; d++) ck_assert_double_le(variation(n, dim, x + d), own[0] * (1 + 1e-9));
    }
}
END_TEST

START_TEST(text_is_never_syntax) {
    static const char *const cases[][2] = {
        {"emma d", "\"emma d\""},
        {"\"; system(\"x\") #", "\"\\042\\073 system\\050\\042x\\042\\051 \\043\""},
        {"`a`$b@c", "\"\\140a\\140\\044b\\100c\""},
        {"\\n'{_^%", "\"\\134n\\047\\173\\137\\136\\045\""},
        {"0.1", "\"\\060\\056\\061\""}, // gnuplot would read \0561 as one code
        {"a\nb\x7f", "\"a\\077b\\077\""},
        {"\xffz\xc3", "\"\\077z\\077\""},
        {"\u00e9\u043c\u03b1\u1ef3\u2026\ufffe", "\"\u00e9\u043c\u03b1\u1ef3\u2026\\077\""},
        {"\ud55cx\U0001f389", "\"\ud55cx\U0001f389\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Picture picture = {.script = {.arena = &arena}};
        picture_quote(&picture, cases[i][0]);
        ck_assert_str_eq(buffer_text(&picture.script, &err), cases[i][1]);
    }
}
END_TEST

START_TEST(long_names_keep_their_end) {
    Picture picture = {.script = {.arena = &arena}};
    static const char name[] = "runs/0123456789012345678901234567890123456789/\u65e5\u65e5\u65e5";
    ck_assert_str_eq(picture_tail(&picture, "runs/mlp"), "runs/mlp");
    ck_assert_str_eq(picture_tail(&picture, name), "\u2026"
                                                   "0123456789012345678901234567890123456789/\u65e5\u65e5\u65e5");
}
END_TEST

// Notes break at spaces or, if a word is longer than a line, within it. What does not fit four lines is left out.
START_TEST(a_layout_has_a_title_and_a_note) {
    static const struct {
        int word, words;
        size_t lines;
    } cases[] = {{1, 2, 1}, {200, 1, 2}, {200, 4, 4}};
    for (size_t i = 0; i < 3; i++) {
        char note[1024] = "";
        for (int k = 0, n = 0; k < cases[i].words; k++) n += sprintf(note + n, "%0*d ", cases[i].word, 0);
        Picture picture;
        picture_begin(&picture, PLOT_SVG, &arena);
        picture_layout(&picture, &(Layout){.title = "title"}, "run", note);
        size_t n = 0;
        for (const char *at = picture_script(&picture, &err); (at = strstr(at, "set label \"")); at++) n++;
        ck_assert_uint_eq(n, 1 + cases[i].lines);
    }
}
END_TEST

START_TEST(tics_are_round_and_few) {
    for (double width = 1e-6; width < 1e7; width *= 1.37) {
        double step = picture_tics(width);
        ck_assert(width / step > 2 - 1e-9 && width / step < 5 + 1e-9);
    }
    ck_assert_double_eq_tol(picture_tics(10), 5, 1e-12);
    ck_assert_double_eq_tol(picture_tics(1000), 500, 1e-9);
}
END_TEST

START_TEST(styles_tell_twelve_groups_apart) {
    for (size_t i = 0; i < PLOT_GROUPS_MAX; i++) {
        for (size_t k = 0; k < i; k++) {
            Style a = picture_style(i), b = picture_style(k);
            ck_assert(strcmp(a.colour, b.colour) != 0 || (strcmp(a.dash, b.dash) != 0 && a.point != b.point));
        }
    }
}
END_TEST

START_TEST(an_svg_is_fit_for_a_page) {
    static const char svg[] =
        "<?xml version=\"1.0\"?>\n<svg width=\"8\" xmlns=\"x\">\n<title>Gnuplot</title>\n<desc>by</desc>\n"
        "<g id=\"gnuplot_canvas\">\n<defs><circle id='gpDot' r='0.5'/>\n<filter id='textbox'><a/></filter></defs>\n"
        "<g fill=\"none\" stroke-linecap=\"butt\" stroke-linejoin=\"miter\">\n"
        "\t<g transform=\"a\" font-family=\"sans-serif\">\n\t\t<text>a > b ]]> 'gpDot rgb(34,34,34)</text>\n\t</g>\n"
        "<use xlink:href='#gpDot' fill='rgb(34,34,34)'/></g>\n</g>\n</svg>\n";
    static const char want[] =
        "<svg role=\"img\" font-family=\"sans-serif\" width=\"8\" xmlns=\"x\"><title>A &amp; b</title>\n\n\n"
        "<g class=\"canvas\">\n<defs><circle id='loss-Dot' r='0.5'/>\n</defs>\n<g fill=\"none\">\n"
        "<g transform=\"a\">\n<text>a &gt; b ]]&gt; 'gpDot rgb(34,34,34)</text>\n</g>\n"
        "<use xlink:href='#loss-Dot' fill='#222'/></g>\n</g>\n</svg>\n";
    Buffer out = {.arena = &arena};
    ck_assert_msg(svg_fit(&out, svg, "loss", "A &amp; b", &err), "%s", err.text);
    ck_assert_str_eq(out.bytes, want);
    // Cut anywhere, it is refused.
    for (size_t n = 0; n + strlen("\n") < strlen(svg); n++) {
        Buffer cut = {.arena = &arena};
        ck_assert(!svg_fit(&cut, arena_copy(&arena, svg, n, &err), "loss", "t", &err));
    }
}
END_TEST

START_TEST(html_text_is_never_markup) {
    Buffer out = {.arena = &arena};
    html_text(&out, "<a href=\"x\" id='y'>&amp;`$\\ \xE2\x80\xA8");
    html_name(&out, "</bdi>", 4);
    html_json(&out, "[\"</script><!--<\"]<");
    ck_assert_str_eq(buffer_text(&out, &err), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;`$\\ \xE2\x80\xA8"
                                              "<bdi>&lt;/bd</bdi>"
                                              "[\"\\u003c/script>\\u003c!--\\u003c\"]\\u003c");
}
END_TEST

START_TEST(html_numbers_are_for_people) {
    ck_assert_str_eq(HTML_WHOLE((uint64_t)999), "999");
    ck_assert_str_eq(HTML_WHOLE(UINT64_MAX), "18,446,744,073,709,551,615");
    ck_assert_str_eq(HTML_LOSS(2.06369), "2.0637");
    ck_assert_str_eq(HTML_LOSS((double)INFINITY), "&infin;");
    ck_assert_str_eq(HTML_LOSS((double)NAN), "&ndash;");
}
END_TEST

START_TEST(base64_is_padded) {
    static const char *const cases[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foob", "Zm9vYg=="}, {"\xFF\xEF", "/+8="}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        Buffer out = {.arena = &arena};
        html_base64(&out, cases[i][0], strlen(cases[i][0]));
        ck_assert_str_eq(buffer_text(&out, &err), cases[i][1]);
    }
}
END_TEST

SUITE(plot, NEEDS_NOTHING) {
    ADD(html_text_is_never_markup);
    ADD(html_numbers_are_for_people);
    ADD(base64_is_padded);
    ADD(a_bin_includes_its_lower_end_and_the_last_what_lies_beyond);
    ADD(principal_components_maximise_the_variance);
    ADD(text_is_never_syntax);
    ADD(long_names_keep_their_end);
    ADD(a_layout_has_a_title_and_a_note);
    ADD(tics_are_round_and_few);
    ADD(styles_tell_twelve_groups_apart);
    ADD(an_svg_is_fit_for_a_page);
}
