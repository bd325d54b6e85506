// What every test file uses: suites that register themselves, scratch files, the built program.
#pragma once

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

// Check writes the place of each assertion to a file, to report the last one if a test crashes. A test of every 16-bit
// number makes millions of assertions, so only the first at each line is written.
#define _mark_point(file, line) testing_reach(file, line)
void testing_reach(const char *file, int line);

typedef enum Needs {
    NEEDS_NOTHING,
    NEEDS_LECTURE, // data/lecture/names.txt
    NEEDS_LONG,    // data/lecture/names.txt, and the argument "long": 200,000 steps
    NEEDS_TORCH,   // a Python with PyTorch and NumPy
} Needs;

typedef struct Group Group;

void testing_register(const char *name, Needs needs, void (*add)(Group *group));
void testing_add(Group *group, const TTest *test);

// At the end of a file: SUITE(text, NEEDS_NOTHING) { ADD(decodes); ADD(encodes); }. A suite whose needs are missing is
// skipped and counted.
#define SUITE(name, needs)                                                                                           \
    static void name##_tests(Group *group);                                                                          \
    __attribute__((constructor)) static void name##_register(void) { testing_register(#name, needs, name##_tests); } \
    static void name##_tests(Group *group)
#define ADD(test) testing_add(group, test)

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define LECTURE_NAMES "data/lecture/names.txt"
#define OUR_NAMES "data/names.txt"

// Returns the command of a Python with PyTorch and NumPy: the first python3 on PATH, or else the system's. Returns NULL
// if neither has them.
const char *python_with_torch(void);

// Prints what a test leaves out and why. CI repeats these lines at its end.
void testing_skipped(const char *what);

// Returns a path in a directory of this test alone. The directory is empty when the test starts and is removed after
// all tests. The string lives as long as the test.
const char *scratch(const char *name);

// Returns formatted text, which lives as long as the test.
char *textf(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Returns "dir/name", which lives as long as the test.
const char *inside(const char *dir, const char *name);

// Replaces a file.
void write_bytes(const char *path, const void *bytes, size_t n);
void write_text(const char *path, const char *text);

// Replaces a file by formatted JSON, in which ' stands for ".
void write_json(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Returns the content of a file, which lives as long as the test. Fails the test if the file cannot be read. `n`, the
// number of bytes, may be NULL.
char *read_text(const char *path, size_t *n);

bool exists(const char *path);

typedef struct Output {
    int status; // exit status as the shell reports it
    char *out, *err;
} Output;

// Runs a command in the shell with empty standard input. $NOMEN is the absolute path of the built program.
Output shell(const char *command, ...) __attribute__((format(printf, 1, 2)));

// Runs `"$NOMEN" ARGUMENTS` in the shell.
Output nomen(const char *arguments, ...) __attribute__((format(printf, 1, 2)));

// Fails the test unless the program exited with `status`, printed nothing on standard output and exactly this line on
// standard error (given without its newline).
void expect_refusal(Output output, int status, const char *line, ...) __attribute__((format(printf, 3, 4)));
