#include "data/encoding.h"

#include <string.h>

typedef struct Mark {
    size_t n;
    const char *bytes, *encoding;
} Mark;

// Returns UTF-32 without a mark that has a line end; NULL if there is none.
static const char *find_unmarked_32(Bytes file) {
    for (size_t i = 0; i + 4 <= file.n; i += 4) {
        if (memcmp(file.at + i, "\n\0\0\0", 4) == 0) return "UTF-32LE";
        if (memcmp(file.at + i, "\0\0\0\n", 4) == 0) return "UTF-32BE";
    }
    return NULL;
}

// Finds UTF-32 and UTF-16 by the byte order mark, without a mark by the line ends.
static const char *find_wide(Bytes file) {
    static const Mark marks[] = {{4, "\xFF\xFE\0\0", "UTF-32"},
                                 {4, "\0\0\xFE\xFF", "UTF-32"},
                                 {2, "\xFF\xFE", "UTF-16"},
                                 {2, "\xFE\xFF", "UTF-16"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (file.n >= marks[i].n && memcmp(file.at, marks[i].bytes, marks[i].n) == 0) return marks[i].encoding;
    const char *unmarked = find_unmarked_32(file);
    if (unmarked) return unmarked;
    size_t n_little = 0, n_big = 0; // line ends in either byte order
    for (size_t i = 0; i + 1 < file.n; i += 2) {
        char first = file.at[i], second = file.at[i + 1];
        n_little += second == '\0' && (first == '\n' || first == '\r');
        n_big += first == '\0' && (second == '\n' || second == '\r');
    }
    return n_little > n_big ? "UTF-16LE" : n_big > 0 ? "UTF-16BE" : NULL;
}

static bool is_ascii(const char *at, const char *end) {
    while (at < end && (unsigned char)*at < 0x80) at++;
    return at == end;
}

bool encoding_error(Bytes file, const char *at, Error *err) {
    unsigned byte = (unsigned char)*at;
    const char *wide = find_wide(file);
    if (wide) return error_set(err, "not UTF-8 but %s; convert the file: iconv -f %s -t UTF-8 FILE > NEW", wide, wide);
    if (byte == '\t')
        return error_set(err, "a tab; if it separates columns, choose one with data.column, or cut -f1 FILE > NEW");
    if (byte < 0x80) return error_set(err, "control character U+%04X; remove it", byte);
    if (!is_ascii(file.at, at))
        return error_set(err, "byte 0x%02x is not UTF-8, unlike the text before; correct it", byte);
    return error_set(err,
                     "byte 0x%02x is not UTF-8; if the file is Latin-1 or Windows-1252, convert it: "
                     "iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW",
                     byte);
}
