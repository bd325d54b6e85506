// Input: a byte that selects the command, then the words of its command line, one per line. No command runs.
#include "fuzz.h"

#include "cmd/share/command.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 80 };

// Each word has its own allocation, so that the sanitizer sees a read past its end.
static size_t split(const uint8_t *data, size_t n, char *words[MOST_WORDS]) {
    size_t n_words = 0;
    for (const uint8_t *at = data, *end = data + n; at < end && n_words < MOST_WORDS;) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        char *word = malloc(length + 1);
        fuzz_expect(word != NULL, "memory", NULL);
        memcpy(word, at, length);
        word[length] = '\0';
        words[n_words++] = word;
        at += length + 1;
    }
    return n_words;
}

static void parse(const Usage *usage, size_t n, char **words) {
    Arena arena = {0};
    Error err = {0};
    void *options = calloc(1, usage->size > 0 ? usage->size : 1);
    size_t most = usage->max_operands > 0 ? usage->max_operands : 1, room = n < most ? n : most;
    Texts operands = {.items = calloc(room > 0 ? room : 1, sizeof *operands.items)};
    fuzz_expect(options && operands.items, "memory", NULL);
    OptionResult result = options_parse(usage, n, words, options, &operands, &err);
    fuzz_expect(operands.n <= most, "as many operands as are allowed", NULL);
    if (result == OPTIONS_RUN)
        fuzz_expect(operands.n > 0 || usage->operand[0] == '\0' || usage->operand[0] == '[',
                    "as many operands as are needed", NULL);
    if (result == OPTIONS_WRONG) fuzz_expect(err.kind == ERROR_USAGE && err.text[0], "wrong usage", &err);
    for (size_t i = 0; i < n; i++) fuzz_expect(path_quote(words[i], &arena, &err) != NULL, "a quoted word", &err);
    free(options);
    free((void *)operands.items);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char *words[MOST_WORDS];
    size_t n_commands = 0;
    if (n == 0) return 0;
    while (COMMANDS[n_commands]) n_commands++;
    size_t n_words = split(data + 1, n - 1, words);
    parse(COMMANDS[data[0] % n_commands]->usage, n_words, words);
    Error err = {0};
    if (n_words > 0 && !command_find(words[0])) command_unknown(words[0], &err);
    for (size_t i = 0; i < n_words; i++) free(words[i]);
    return 0;
}
