#include "cmd/score_print.h"

#include "base/format.h"
#include "base/text.h"
#include "cmd/share/bar.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"

#include <math.h>
#include <stdio.h>

// A full bar is as surprising as one chance in 22,026; fixed, so that bars of two names, files or models compare.
#define FULL_BAR_NATS 10.0

enum { WIDEST_BAR = 40 };

// A name on its way to the output.
typedef struct Entry {
    size_t line; // of the input
    Bytes name;
    const NameScore *score;
    const uint16_t *ids; // (score->n) and their losses, where they are asked for
    const float *losses;
} Entry;

typedef void PrintEntry(const ScoreReport *report, const Entry *entry, void *context);

// Goes through all names in order.
static bool print_all(const ScoreReport *report, PrintEntry *print, void *context, Error *err) {
    Arena scratch = {0};
    VocabTable table;
    size_t longest = 0;
    for (size_t i = 0; i < report->scores->n; i++)
        if (report->scores->items[i].n > longest) longest = report->scores->items[i].n;
    uint16_t *ids = arena_alloc(&scratch, longest, sizeof *ids, err);
    float *losses = arena_alloc(&scratch, longest, sizeof *losses, err);
    bool ok = ids && losses && vocab_table_create(&table, &report->saved->file.vocab, &scratch, err);
    Entry entry = {.line = 1, .name = {report->list->file.at, 0}, .ids = ids, .losses = losses};
    for (size_t i = 0; ok && i < report->list->n && !ferror(stdout); i++) {
        Bytes name = names_at(report->list, i);
        entry.line = names_next_line(entry.line, entry.name, name);
        entry.name = name;
        entry.score = &report->scores->items[i];
        if (report->per_char && entry.score->n > 0) {
            ids[vocab_encode_name(&table, name.at, name.n, ids)] = BOUNDARY;
            score_stream(&report->saved->model, ids, entry.score->n, losses);
        }
        print(report, &entry, context);
    }
    arena_free(&scratch);
    return ok;
}

// As columns of the table, or in words.
static void print_figures(double nll, size_t n, bool as_columns) {
    char texts[3][FORMAT_BYTES];
    printf(as_columns ? " %11s %9s %11s" : "nll %s, per char %s, perplexity %s\n", format_loss(nll, texts[0]),
           format_loss(nll / (double)n, texts[1]), format_loss(exp(nll / (double)n), texts[2]));
}

static void print_row(const ScoreReport *report, const Entry *entry, void *context) {
    (void)report, (void)context;
    printf("%8zu", entry->line);
    if (entry->score->n > 0) {
        printf(" %8zu", entry->score->rank);
        print_figures(entry->score->nll, entry->score->n, true);
    } else {
        printf(" %8s %11s %9s %11s", "-", "-", "-", "-");
    }
    printf("  %.*s\n", (int)entry->name.n, entry->name.at);
}

static size_t label_columns(const Vocab *vocab, const Entry *entry) {
    size_t widest = 0;
    for (size_t k = 0; k < entry->score->n; k++) {
        size_t n = describe_symbol_columns(vocab->code_points[entry->ids[k]]);
        if (n > widest) widest = n;
    }
    return widest;
}

static void print_symbols(const Vocab *vocab, const Entry *entry) {
    size_t label = label_columns(vocab, entry), columns = terminal_text_columns();
    size_t fixed = 2 + label + 20, room = columns > fixed ? columns - fixed : 0;
    size_t bar = room < WIDEST_BAR ? room : WIDEST_BAR;
    printf("  %*s %8s %9s\n", (int)label, "", "p", "-log p");
    for (size_t k = 0; k < entry->score->n; k++) {
        char text[DESCRIBE_SYMBOL_BYTES], figure[FORMAT_BYTES];
        uint32_t symbol = vocab->code_points[entry->ids[k]];
        double loss = (double)entry->losses[k], share = loss < FULL_BAR_NATS ? loss / FULL_BAR_NATS : 1;
        printf("  %s%*s %8.4f %9s", describe_symbol(symbol, text), (int)(label - describe_symbol_columns(symbol)), "",
               fabs(exp(-loss)), format_loss(loss, figure));
        if (!isnan(loss) && bar_shows(share, bar)) {
            putchar(' ');
            bar_print(share, bar, false);
        }
        putchar('\n');
    }
}

static void print_block(const ScoreReport *report, const Entry *entry, void *context) {
    (void)context;
    printf("line %zu: %.*s\n", entry->line, (int)entry->name.n, entry->name.at);
    if (entry->score->n > 0) {
        printf("rank %zu, ", entry->score->rank);
        print_figures(entry->score->nll, entry->score->n, false);
        print_symbols(&report->saved->file.vocab, entry);
    } else {
        puts("not scored");
    }
    putchar('\n');
}

bool score_print_table(const ScoreReport *report, Error *err) {
    const Scores *scores = report->scores;
    const char *names = scores->n_scored == 1 ? "name" : "names";
    if (!report->per_char)
        printf("%8s %8s %11s %9s %11s  %s\n", "line", "rank", "nll", "per char", "perplexity", "name");
    if (!print_all(report, report->per_char ? print_block : print_row, NULL, err)) return false;
    if (report->per_char) {
        printf("all: %zu %s, ", scores->n_scored, names);
        print_figures(scores->nll, scores->n_examples, false);
    } else {
        printf("%8s %8s", "all", "");
        print_figures(scores->nll, scores->n_examples, true);
        printf("  %zu %s\n", scores->n_scored, names);
    }
    return true;
}

// A field as RFC 4180 has it: in quotes, doubled inside, where it holds a comma or a quote. A name has no line end.
static void print_csv_text(const char *bytes, size_t n) {
    bool quoted = false;
    for (size_t i = 0; i < n; i++) quoted = quoted || bytes[i] == ',' || bytes[i] == '"';
    if (quoted) putchar('"');
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"') putchar('"');
        putchar(bytes[i]);
    }
    if (quoted) putchar('"');
}

// ",0.123456789", or "," where there is no figure.
static void print_csv_number(double value) {
    if (isnan(value))
        putchar(',');
    else
        printf(",%.9g", value);
}

static void print_csv_name(const Entry *entry) {
    printf("%zu,", entry->line);
    print_csv_text(entry->name.at, entry->name.n);
}

static void print_csv_row(const ScoreReport *report, const Entry *entry, void *context) {
    (void)report, (void)context;
    print_csv_name(entry);
    if (entry->score->n == 0) {
        puts(",,,,,");
        return;
    }
    printf(",%zu", entry->score->n);
    double per_char = entry->score->nll / (double)entry->score->n;
    print_csv_number(entry->score->nll);
    print_csv_number(per_char);
    print_csv_number(exp(per_char));
    printf(",%zu\n", entry->score->rank);
}

static void print_csv_symbols(const ScoreReport *report, const Entry *entry, void *context) {
    (void)context;
    for (size_t k = 0; k < entry->score->n; k++) {
        char text[UTF8_MAX_BYTES];
        uint16_t id = entry->ids[k];
        print_csv_name(entry);
        printf(",%zu,", k + 1);
        if (id != BOUNDARY) print_csv_text(text, vocab_decode(&report->saved->file.vocab, id, text));
        print_csv_number((double)entry->losses[k]);
        print_csv_number(exp(-(double)entry->losses[k]));
        putchar('\n');
    }
    if (entry->score->n > 0) return;
    print_csv_name(entry);
    puts(",,,,");
}

bool score_print_csv(const ScoreReport *report, Error *err) {
    puts(report->per_char ? "line,name,position,char,nll,p" : "line,name,examples,nll,nll_per_char,perplexity,rank");
    return print_all(report, report->per_char ? print_csv_symbols : print_csv_row, NULL, err);
}

static void add_figures(Buffer *out, size_t examples, double nll) {
    json_add_whole(out, "examples", examples);
    json_add_number(out, "nll", nll);
    json_add_number(out, "nll_per_char", nll / (double)examples);
    json_add_number(out, "perplexity", exp(nll / (double)examples));
}

static void add_symbols(Buffer *out, const ScoreReport *report, const Entry *entry) {
    json_add_open(out, "chars", '[');
    for (size_t k = 0; k < entry->score->n; k++) {
        char text[UTF8_MAX_BYTES];
        uint16_t id = entry->ids[k];
        json_open(out, '{');
        json_key(out, "char");
        json_bytes(out, text, id == BOUNDARY ? 0 : vocab_decode(&report->saved->file.vocab, id, text));
        json_add_number(out, "nll", (double)entry->losses[k]);
        json_add_number(out, "p", exp(-(double)entry->losses[k]));
        json_close(out, '}');
    }
    json_close(out, ']');
}

// Prints what the buffer holds and empties it: a whole list would take memory several times the input's.
static void flush(Buffer *out) {
    fwrite(out->bytes, 1, out->n, stdout);
    out->n = 0;
}

static void print_json_entry(const ScoreReport *report, const Entry *entry, void *context) {
    Buffer *out = context;
    json_open(out, '{');
    json_add_whole(out, "line", entry->line);
    json_key(out, "name");
    json_bytes(out, entry->name.at, entry->name.n);
    json_add_bool(out, "scored", entry->score->n > 0);
    if (entry->score->n > 0) {
        add_figures(out, entry->score->n, entry->score->nll);
        json_add_whole(out, "rank", entry->score->rank);
        if (report->per_char) add_symbols(out, report, entry);
    }
    json_close(out, '}');
    flush(out);
}

bool score_print_json(const ScoreReport *report, Error *err) {
    Arena arena = {0};
    Buffer out = {.arena = &arena};
    const Scores *scores = report->scores;
    json_open(&out, '{');
    json_add_open(&out, "names", '[');
    bool ok = print_all(report, print_json_entry, &out, err);
    json_close(&out, ']');
    json_add_open(&out, "all", '{');
    json_add_whole(&out, "names", scores->n);
    json_add_whole(&out, "scored", scores->n_scored);
    add_figures(&out, scores->n_examples, scores->nll);
    json_close(&out, '}');
    json_close(&out, '}');
    ok = ok && buffer_text(&out, err);
    if (ok) {
        flush(&out);
        putchar('\n');
    }
    arena_free(&arena);
    return ok;
}
