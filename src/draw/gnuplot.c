#include "draw/gnuplot.h"

#include "base/process.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { MESSAGE_BYTES = 300 };

static bool begins(const char *at, const char *with) { return strncmp(at, with, strlen(with)) == 0; }

// Sets `err` to the last line of gnuplot's message; those before it echo the command.
static bool failed(const Process *process, Error *err) {
    char *text = process->err.bytes, *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) end--;
    if (end == text) return error_set(err, "gnuplot: failed with exit status %d and no message", process->status);
    *end = '\0';
    char *newline = strrchr(text, '\n'), *line = newline ? newline + 1 : text;
    line += strspn(line, " \t");
    text_sanitize(line);
    return error_set(err, "gnuplot: %.*s", (int)utf8_whole(line, strnlen(line, MESSAGE_BYTES)), line);
}

// Returns how many bytes the element at `at` takes if it is one to drop, otherwise 0.
static size_t dropped_element(const char *at) {
    static const char *const elements[][2] = {
        {"<title>", "</title>"}, {"<desc>", "</desc>"}, {"<filter ", "</filter>"}};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        const char *close = begins(at, elements[i][0]) ? strstr(at, elements[i][1]) : NULL;
        if (close) return (size_t)(close - at) + strlen(elements[i][1]);
    }
    return 0;
}

// Replaces markup that begins at `at`. Returns how many bytes it took, 0 if it stays.
static size_t replace_markup(Buffer *out, const char *at, const char *prefix) {
    static const char *const changes[][2] = {
        {" id=\"gnuplot_", " class=\""},     // the plots of a multiplot have the same ids
        {" font-family=\"sans-serif\"", ""}, // the root has it
        {" stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", ""},
        {"rgb(34,34,34)", "#222"},
        {"rgb(255,255,255)", "#fff"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (!begins(at, changes[i][0])) continue;
        buffer_print(out, "%s", changes[i][1]);
        return strlen(changes[i][0]);
    }
    bool is_id = begins(at, "'gp"), is_reference = begins(at, "'#gp");
    if (is_id || is_reference) buffer_print(out, is_id ? "'%s-" : "'#%s-", prefix);
    return is_id ? strlen("'gp") : is_reference ? strlen("'#gp") : 0;
}

bool svg_fit(Buffer *out, const char *svg, const char *prefix, const char *title, Error *err) {
    const char *at = strstr(svg, "<svg"), *root_end = at ? strchr(at, '>') : NULL;
    if (!root_end || !strstr(at, "</svg>") || strstr(at, "<script"))
        return error_set(err, "gnuplot: expected an SVG without scripts, found something else");
    buffer_print(out, "<svg role=\"img\" font-family=\"sans-serif\"");
    buffer_add(out, at + strlen("<svg"), (size_t)(root_end - at) - strlen("<svg"));
    buffer_print(out, "><title>%s</title>", title);
    for (at = root_end + 1; *at;) {
        size_t n = dropped_element(at);
        bool in_tag = *at == '<' && n == 0;
        if (!in_tag && n == 0) {
            if (*at == '>') buffer_print(out, "&gt;"); // gnuplot escapes < and & only
            if (*at != '>' && *at != '\t') buffer_add(out, at, 1);
            n = 1;
        }
        for (at += n; in_tag && *at; at += n) {
            n = replace_markup(out, at, prefix);
            if (n == 0) buffer_add(out, at, n = 1);
            in_tag = at[n - 1] != '>';
        }
    }
    return buffer_text(out, err) != NULL;
}

bool gnuplot_draw(Picture *picture, const char *prefix, Buffer *image, Error *err) {
    // Default settings: the user's and the system's would change the picture.
    static const char *const argv[] = {"gnuplot", "--default-settings", NULL};
    Arena *arena = picture->script.arena;
    const char *script = picture_script(picture, err);
    Process process;
    if (!script) return false;
    if (!process_run(&process, argv, script, strlen(script), arena, err)) {
        if (!process.is_missing) return false;
        return error_set(err, "gnuplot draws the pictures and is not installed; install it with apt install "
                              "gnuplot-nox (Debian, Ubuntu) or brew install gnuplot (macOS)");
    }
    if (process.status != 0 || process.out.n == 0) return failed(&process, err);
    *image = picture->format == PLOT_PNG ? process.out : (Buffer){.arena = arena};
    return picture->format == PLOT_PNG || svg_fit(image, process.out.bytes, prefix, picture->title, err);
}
