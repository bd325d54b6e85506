// The numbers behind the pictures, and the script that says them.
#include "testing.h"

#include "draw/histogram.h"
#include "draw/pca.h"
#include "draw/picture.h"
#include "draw/svg.h"
#include "draw/symbols.h"
#include "study/smooth.h"
#include "train/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

START_TEST(smoothing_reaches_as_far_on_one_side_as_on_the_other) {
    const double x[] = {1, 2, 6, 4, 5, 9, 7};
    const double want[] = {1, 3, 18.0 / 5, 26.0 / 5, 31.0 / 5, 7, 7};
    double y[7], pairs[14], smoothed[14];
    smooth(7, 1, 2, x, y);
    for (size_t i = 0; i < 7; i++) ck_assert_double_eq_tol(y[i], want[i], 1e-12);
    smooth(7, 1, 0, x, y);
    for (size_t i = 0; i < 7; i++) ck_assert_double_eq_tol(y[i], x[i], 1e-15);
    for (size_t i = 0; i < 14; i++) pairs[i] = i % 2 ? -100 : x[i / 2];
    smooth(7, 2, 2, pairs, smoothed);
    for (size_t i = 0; i < 7; i++) ck_assert_double_eq_tol(smoothed[2 * i], want[i], 1e-12);
}
END_TEST

START_TEST(bins_hold_their_lower_end_and_sum_up) {
    const float x[] = {-5, -1, -0.5F, -0.01F, 0, 0.49F, 0.5F, 0.99F, 1, 7};
    const double want[] = {2, 2, 2, 4};
    double counts[4], sum = 0;
    histogram(10, x, -1, 1, 4, counts);
    for (size_t b = 0; b < 4; b++) {
        ck_assert_double_eq_tol(counts[b], want[b], 1e-15);
        sum += counts[b];
    }
    ck_assert_double_eq_tol(sum, 10, 1e-15);
    histogram(0, x, -1, 1, 4, counts);
    ck_assert_double_eq_tol(counts[0] + counts[3], 0, 1e-15);
}
END_TEST

// (3, 4) and its like lie on two lines at a right angle through (1, 1, 1): components by hand.
START_TEST(principal_components_are_those_by_hand) {
    const double x[] = {1 + 6, 1 + 8, 1, 1 - 6, 1 - 8, 1, 1 + 4, 1 - 3, 1, 1 - 4, 1 + 3, 1};
    const double want[][2] = {{10, 0}, {-10, 0}, {0, 5}, {0, -5}};
    Arena arena = {0};
    Error err;
    Pca found;
    ck_assert(pca(&found, 4, 3, x, &arena, &err));
    ck_assert_double_eq_tol(found.share[0], 0.8, 1e-12);
    ck_assert_double_eq_tol(found.share[1], 0.2, 1e-12);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 2; k++) ck_assert_double_eq_tol(found.at[i][k], want[i][k], 1e-9);
    arena_free(&arena);
}
END_TEST

// For more points than dimensions and fewer: distances to the mean along each component, by the definition.
START_TEST(principal_components_maximise_the_variance) {
    static const size_t sizes[][2] = {{27, 10}, {10, 27}, {80, 3}, {1, 4}, {5, 5}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s][0], dim = sizes[s][1];
        Arena arena = {0};
        Error err;
        Pca found;
        double *x = arena_alloc(&arena, n * dim, sizeof *x, &err), total = 0, dot = 0, own[2] = {0};
        for (size_t i = 0; i < n * dim; i++) x[i] = (double)((i * i * 31 + i * 17) % 101) * (double)(1 + i % dim);
        ck_assert(pca(&found, n, dim, x, &arena, &err));
        for (size_t d = 0; d < dim; d++) {
            double mean = 0;
            for (size_t i = 0; i < n; i++) mean += x[i * dim + d] / (double)n;
            for (size_t i = 0; i < n; i++) total += (x[i * dim + d] - mean) * (x[i * dim + d] - mean);
        }
        for (size_t i = 0; i < n; i++) {
            dot += found.at[i][0] * found.at[i][1];
            for (size_t k = 0; k < 2; k++) own[k] += found.at[i][k] * found.at[i][k];
        }
        for (size_t k = 0; k < 2; k++) ck_assert_double_eq_tol(own[k], found.share[k] * total, 1e-9 * (total + 1));
        ck_assert_double_eq_tol(dot, 0, 1e-7 * (total + 1));
        ck_assert(found.share[0] >= found.share[1] && found.share[0] + found.share[1] <= 1 + 1e-12);
        // No axis of the space has more of the variance than the first component.
        for (size_t d = 0; d < dim; d++) {
            double mean = 0, along = 0;
            for (size_t i = 0; i < n; i++) mean += x[i * dim + d] / (double)n;
            for (size_t i = 0; i < n; i++) along += (x[i * dim + d] - mean) * (x[i * dim + d] - mean);
            ck_assert_double_le(along, own[0] * (1 + 1e-9));
        }
        arena_free(&arena);
    }
}
END_TEST

static const char HEADER[] = "step,lr,loss,train_loss,dev_loss,seconds\n";

static bool read_metrics(const char *text, Metrics *metrics, Error *err) {
    static Arena arena; // as long as the test
    write_text(scratch("m.csv"), text);
    return metrics_read(metrics, scratch("m.csv"), &arena, err);
}

START_TEST(metrics_are_read_whole) {
    Metrics metrics;
    Error err = {0};
    char text[400];
    snprintf(text, sizeof text, "%s0,0.1,3.5,,,0.25\n10,0.1,,2.5,2.75,1\n", HEADER);
    ck_assert_msg(read_metrics(text, &metrics, &err), "%s", err.text);
    ck_assert_uint_eq(metrics.n, 2);
    ck_assert(!metrics.is_cut);
    ck_assert_uint_eq(metrics.rows[1].step, 10);
    ck_assert_double_eq_tol(metrics.rows[0].loss, 3.5, 1e-15);
    ck_assert(isnan(metrics.rows[0].dev_loss) && isnan(metrics.rows[1].loss));
    ck_assert_double_eq_tol(metrics.rows[1].dev_loss, 2.75, 1e-15);
    strcat(text, "20,0.1,,2.");
    ck_assert(read_metrics(text, &metrics, &err));
    ck_assert(metrics.is_cut && metrics.n == 2);
    ck_assert(read_metrics(HEADER, &metrics, &err));
    ck_assert(!metrics.is_cut && metrics.n == 0);
}
END_TEST

START_TEST(metrics_that_are_none_are_refused) {
    static const char *const cases[][2] = {
        {"", "expected \"step,lr,loss,train_loss,dev_loss,seconds\" and rows, found an empty file"},
        {"step,lr", "line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found \"step,lr\""},
        {"name,age\nada,3\n", "line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found \"name,age\""},
        {"step,lr,loss,train_loss,dev_loss,seconds\n5,0.1,1,,,1\n5,0.1,1,,,1\n4,0.1,1,,,1\n",
         "line 4: expected a step from 5 on, found 4"},
        {"step,lr,loss,train_loss,dev_loss,seconds\n18446744073709551615,0.1,1,,,1\n18446744073709551616,0.1,1,,,1\n",
         "line 3: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found "
         "\"18446744073709551616,0.1,1,,,1\""},
        {"step,lr,loss,train_loss,dev_loss,seconds\n0,0.1,1,,,1\nhello\n",
         "line 3: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"hello\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Metrics metrics;
        Error err = {0};
        char want[400];
        ck_assert(!read_metrics(cases[i][0], &metrics, &err));
        snprintf(want, sizeof want, "%s: %s", scratch("m.csv"), cases[i][1]);
        ck_assert_str_eq(err.text, want);
    }
}
END_TEST

START_TEST(nothing_of_a_text_is_syntax) {
    static const char *const cases[][2] = {
        {"emma 42", "\"emma 42\""},
        {"\"; system(\"x\") #", "\"\\042\\073 system\\050\\042x\\042\\051 \\043\""},
        {"`a`$b@c", "\"\\140a\\140\\044b\\100c\""},
        {"\\n'{_^%", "\"\\134n\\047\\173\\137\\136\\045\""},
        {"0.125", "\"0\\056\\061\\062\\065\""}, // gnuplot would take \0561 for one code
        {"a\nb\x7f", "\"a\\077b\\077\""},
        {"\xffz\xc3", "\"\\077z\\077\""},
        {"\u00e9\u65e5\ufffe", "\"\u00e9\u65e5\\077\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena arena = {0};
        Error err;
        Picture picture = {.script = {.arena = &arena}};
        picture_quote(&picture, cases[i][0]);
        ck_assert_str_eq(buffer_text(&picture.script, &err), cases[i][1]);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_png_has_codes_for_what_fonts_may_lack) {
    static const struct {
        const char *text, *svg, *png;
        bool has_codes;
    } cases[] = {
        {"\u00e9\u043c\u03b1\u1ef3\u2026", "\"\u00e9\u043c\u03b1\u1ef3\u2026\"", "\"\u00e9\u043c\u03b1\u1ef3\u2026\"",
         false},
        {"\ud55cx", "\"\ud55cx\"", "\"U\\053D55Cx\"", true},
        {"\U0001f389", "\"\U0001f389\"", "\"U\\053\\061F389\"", true}, // the 1 would be part of the +
        {"\u038b", "\"\u038b\"", "\"U\\053\\060\\063\\070B\"", true},  // no character has this code
    };
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        Arena arena = {0};
        Error err;
        bool is_png = i % 2;
        Picture picture = {.format = is_png ? PLOT_PNG : PLOT_SVG, .script = {.arena = &arena}};
        picture_quote(&picture, cases[i / 2].text);
        ck_assert_str_eq(buffer_text(&picture.script, &err), is_png ? cases[i / 2].png : cases[i / 2].svg);
        ck_assert_int_eq(picture.has_codes, is_png && cases[i / 2].has_codes);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(long_names_keep_both_ends) {
    Arena arena = {0};
    Error err;
    ck_assert_str_eq(picture_shorten("runs/mlp", 8, &arena, &err), "runs/mlp");
    ck_assert_str_eq(picture_shorten("abcdefghijk", 7, &arena, &err), "abc\u2026ijk");
    ck_assert_str_eq(picture_shorten("\u65e5\u65e5\u65e5\u65e5", 5, &arena, &err), "\u65e5\u2026\u65e5");
    arena_free(&arena);
}
END_TEST

// At spaces or, where a word is longer than a line, within it; what does not fit four lines is left out.
START_TEST(a_note_is_broken_into_lines) {
    Arena arena = {0};
    Error err;
    Picture picture;
    char word[201] = "";
    memset(word, 'x', 200);
    const char *const notes[] = {"a b", word, arena_format(&arena, &err, "%s %s %s %s", word, word, word, word)};
    static const size_t lines[] = {1, 2, 4};
    for (size_t i = 0; i < 3; i++) {
        picture_begin(&picture, PLOT_SVG, &arena);
        picture_title(&picture, "title", NULL, notes[i]);
        const char *script = buffer_text(&picture.script, &err);
        size_t n = 0;
        for (const char *at = script; (at = strstr(at, "set label \"")); at++) n++;
        ck_assert_uint_eq(n, 1 + lines[i]);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_title_has_marks_for_what_cannot_be_shown) {
    Arena arena = {0};
    Picture picture;
    picture_begin(&picture, PLOT_SVG, &arena);
    picture_title(&picture, "title", "a\nb\xff\u00e9\ufffe", NULL);
    ck_assert_str_eq(picture.title, "title: a?b?\u00e9?");
    arena_free(&arena);
}
END_TEST

START_TEST(tics_are_round_and_few) {
    for (double width = 1e-6; width < 1e7; width *= 1.37) {
        double step = picture_tics(width);
        ck_assert_double_ge(width / step, 2 - 1e-9);
        ck_assert_double_lt(width / step, 5 + 1e-9);
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

START_TEST(svg_is_fit_for_a_page) {
    static const char svg[] =
        "<?xml version=\"1.0\"?>\n<svg \n width=\"8\" xmlns=\"x\"\n>\n<title>Gnuplot</title>\n<desc>by</desc>\n"
        "<g id=\"gnuplot_canvas\">\n<defs><circle id='gpDot' r='0.5'/></defs>\n"
        "<g fill=\"none\" stroke-linecap=\"butt\">\n</g>\n"
        "<g fill=\"none\">\n\t<path stroke='rgb(  0, 114, 178)'  d='M1.25,264.00 L3.50,18.015  '/>\n"
        "\t<g transform=\"translate(6.14,7.90)\" fill=\"black\" font-family=\"sans-serif\" text-anchor=\"end\">\n"
        "\t\t<text>a > b ]]> gpDot 1.25 rgb(1,2,3)</text>\n\t</g>\n"
        "\t<g transform=\"translate(6.14,7.90) rotate(-90)\" fill=\"black\">\n\t\t<text>up</text>\n\t</g>\n"
        "<use xlink:href='#gpDot'/></g>\n</g>\n</svg>\n";
    static const char want[] =
        "<svg width=\"8\" xmlns=\"x\" role=\"img\" font-family=\"sans-serif\">\n<title>A &amp; &lt;b&gt;</title>\n"
        "<g>\n<defs><circle id='loss-Dot' r='0.5'/></defs>\n<g fill=\"none\">\n"
        "<path stroke='#0072b2' d='M1.2,264 L3.5,18.015'/>\n"
        "<text x=\"6.1\" y=\"7.9\" fill=\"black\" text-anchor=\"end\">a &gt; b ]]&gt; gpDot 1.25 rgb(1,2,3)</text>\n"
        "<text transform=\"translate(6.1,7.9) rotate(-90)\" fill=\"black\">up</text>\n"
        "<use xlink:href='#loss-Dot'/></g>\n</g>\n</svg>\n";
    Arena arena = {0};
    Buffer out = {.arena = &arena};
    Error err = {0};
    ck_assert_msg(svg_clean(&out, svg, strlen(svg), "loss", "A & <b>", &err), "%s", err.text);
    ck_assert_str_eq(out.bytes, want);
    static const char script[] = "<svg><script>x</script></svg>";
    ck_assert(!svg_clean(&(Buffer){.arena = &arena}, script, strlen(script), "loss", "t", &err));
    ck_assert_str_eq(err.text, "gnuplot: what it drew holds a script");
    // Cut anywhere, it is refused or comes to an end.
    for (size_t n = 0; n < strlen(svg); n++) {
        Buffer cut = {.arena = &arena};
        char *copy = arena_copy(&arena, svg, n, &err);
        bool is_whole = n + strlen("\n") >= strlen(svg);
        ck_assert(svg_clean(&cut, copy, n, "loss", "t", &err) == is_whole);
    }
    arena_free(&arena);
}
END_TEST

// What gnuplot does not write today, but might: copied as it stands, never read beyond.
START_TEST(svg_of_another_shape_is_copied) {
    static const char *const cases[][2] = {
        {"<path stroke='rgb(1,2)' d='M1.005,2.00'/>", "<path stroke='rgb(1,2)' d='M1.005,2'/>"},
        {"<g transform=\"translate(1 2)\"><text>a</text></g>", "<text transform=\"translate(1 2)\">a</text>"},
        {"<g transform=\"matrix(1,2)\"><text>a</text></g>", "<text transform=\"matrix(1,2)\">a</text>"},
        {"<g transform=\"translate(1,2) a(3,4)\"><text>b</text></g>",
         "<text transform=\"translate(1,2) a(3,4)\">b</text>"},
        {"<g id=\"gnuplot_1\" a=\"b\"><b/></g>", "<g a=\"b\"><b/></g>"},
        {"<p id=\"gnuplot_1/>", "<p id=\"gnuplot_1/>"},
        {"<desc>unfinished", ""},
        {"<a/> \n <b/>", "<a/>\n<b/>"},
        {"<a/><g", "<a/>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char svg[256], want[256];
        Arena arena = {0};
        Buffer out = {.arena = &arena};
        Error err = {0};
        snprintf(svg, sizeof svg, "<svg><i></svg>%s", cases[i][0]);
        snprintf(want, sizeof want, "<svg role=\"img\" font-family=\"sans-serif\">\n<title>t</title>\n<i></svg>%s",
                 cases[i][1]);
        ck_assert_msg(svg_clean(&out, svg, strlen(svg), "loss", "t", &err), "%s", err.text);
        ck_assert_str_eq(out.bytes, want);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(points_that_are_one_have_no_components) {
    const double x[] = {3, 4, 3, 4, 3, 4};
    Arena arena = {0};
    Error err;
    Pca found;
    ck_assert(pca(&found, 3, 2, x, &arena, &err));
    for (size_t k = 0; k < 2; k++) ck_assert_double_eq_tol(found.share[k], 0, 1e-15);
    for (size_t i = 0; i < 3; i++) ck_assert_double_eq_tol(found.at[i][0], 0, 1e-15);
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_number_is_in_no_bin) {
    const float x[] = {NAN, 0.5F, NAN};
    double counts[2];
    histogram(3, x, 0, 1, 2, counts);
    ck_assert(counts[0] < 0.5 && counts[1] > 0.5 && counts[1] < 1.5);
}
END_TEST

START_TEST(symbols_are_shown_apart) {
    const uint32_t plain[] = {0, ' ', 'a', 0x301, 0x200b, 0xfffe, 0x1f389}, dotted[] = {0, '.', 'a'};
    Arena arena = {0};
    Error err;
    Vocab a, b;
    ck_assert(vocab_from_code_points(&a, 7, plain, &arena, &err) &&
              vocab_from_code_points(&b, 3, dotted, &arena, &err));
    char text[PLOT_SYMBOL_BYTES];
    static const char *const want[] = {".", "\u2423", "a", "U+0301", "U+200B", "U+FFFE", "\U0001f389"};
    Picture svg = {.format = PLOT_SVG}, png = {.format = PLOT_PNG};
    for (uint16_t i = 0; i < 7; i++) ck_assert_str_eq(plot_symbol(&svg, &a, i, text), want[i]);
    for (uint16_t i = 0; i < 6; i++) ck_assert_str_eq(plot_symbol(&png, &a, i, text), want[i]);
    ck_assert(!svg.has_codes && !png.has_codes);
    ck_assert_str_eq(plot_symbol(&png, &a, 6, text), "U+1F389");
    ck_assert(png.has_codes);
    ck_assert_str_eq(plot_symbol(&svg, &b, 0, text), "END");
    ck_assert_str_eq(plot_symbol(&svg, &b, 1, text), ".");
    arena_free(&arena);
}
END_TEST

SUITE(plot, NEEDS_NOTHING) {
    ADD(smoothing_reaches_as_far_on_one_side_as_on_the_other);
    ADD(bins_hold_their_lower_end_and_sum_up);
    ADD(principal_components_are_those_by_hand);
    ADD(principal_components_maximise_the_variance);
    ADD(metrics_are_read_whole);
    ADD(metrics_that_are_none_are_refused);
    ADD(nothing_of_a_text_is_syntax);
    ADD(a_png_has_codes_for_what_fonts_may_lack);
    ADD(long_names_keep_both_ends);
    ADD(a_note_is_broken_into_lines);
    ADD(a_title_has_marks_for_what_cannot_be_shown);
    ADD(tics_are_round_and_few);
    ADD(styles_tell_twelve_groups_apart);
    ADD(svg_is_fit_for_a_page);
    ADD(svg_of_another_shape_is_copied);
    ADD(points_that_are_one_have_no_components);
    ADD(what_is_no_number_is_in_no_bin);
    ADD(symbols_are_shown_apart);
}
