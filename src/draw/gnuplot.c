#include "draw/gnuplot.h"

#include "base/process.h"
#include "base/text.h"

#include <string.h>

enum { MOST_WORDS = 300 };

// The first line that says something: where a script is wrong, its text and a mark below it come before that.
static void add_words(Error *err, int status, char *text) {
    char *best = NULL;
    for (char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        at += strspn(at, " \t\n");
        bool is_echo = strncmp(at, "gnuplot>", 8) == 0 || strspn(at, "^ \t") == strcspn(at, "\n");
        if (!best && !is_echo) best = at;
    }
    size_t n = best ? strcspn(best, "\n") : 0;
    if (n > MOST_WORDS) n = utf8_whole(best, MOST_WORDS);
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t c;
        length = utf8_decode(best + at, n - at, &c);
        if (length > 0 && !utf8_is_control(c)) continue;
        best[at] = '?';
        length = 1;
    }
    if (n > 0)
        error_set(err, "gnuplot: %.*s", (int)n, best);
    else if (status > PROCESS_SIGNAL && status < 2 * PROCESS_SIGNAL - 1)
        error_set(err, "gnuplot: signal %d ended it", status - PROCESS_SIGNAL);
    else
        error_set(err, "gnuplot: it failed with exit status %d and did not say why", status);
}

bool gnuplot_draw(Picture *picture, Buffer *image, Arena *arena, Error *err) {
    // Without the settings that a user or a system may have for all of gnuplot's pictures.
    static const char *const argv[] = {"gnuplot", "--default-settings", NULL};
    const char *script = picture_script(picture, arena, err);
    Process process;
    if (!script) return false;
    if (!process_run(&process, argv, script, strlen(script), arena, err)) {
        if (!process.is_missing) return false;
        return error_set(err, "gnuplot draws the pictures, and is not here; install it, on Debian and Ubuntu by apt "
                              "install gnuplot-nox, on macOS by brew install gnuplot");
    }
    if (process.status != 0 || process.out.n == 0) {
        add_words(err, process.status, process.err.bytes);
        return false;
    }
    *image = process.out;
    return true;
}
