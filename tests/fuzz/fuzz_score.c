// Input: a byte that selects the output's format, then the standard input of `nomen score`. The model is a seed of the
// model target.
#include "fuzz.h"

#include "cmd/share/command.h"
#include "kernels/kernels.h"

static char model[] = "tests/fuzz/corpus/model/bigram.safetensors";

static bool score(uint8_t how, Error *err) {
    static char csv[] = "--csv", json[] = "--json", per_char[] = "--per-char";
    char *formats[] = {NULL, csv, json, NULL}, *words[4];
    size_t n = 0;
    Arena arena = {0};
    words[n++] = model;
    if (formats[how & 3]) words[n++] = formats[how & 3];
    if (how & 4) words[n++] = per_char;
    bool ok = command_run(&score_command, n, words, &arena, err);
    arena_free(&arena);
    return ok;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    Error err = {0};
    fuzz_expect(kernels_select(NULL, &err), "kernels", &err);
    fuzz_input((const uint8_t *)"ab\n", 3);
    fuzz_expect(score(0, &err), "a model that scores", &err);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    Error err = {0};
    if (n == 0) return 0;
    fuzz_input(data + 1, n - 1);
    fuzz_expect(score(data[0], &err) || (err.kind == ERROR_FAILURE && err.text[0] != '\0'), "a reason", NULL);
    return 0;
}
