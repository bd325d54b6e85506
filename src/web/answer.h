// The frame of an answer to the page.
#pragma once

#include "web/page.h"

#if defined(__wasm__)
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

// Begins the answer, an object.
void answer_open(Page *page);

// Returns the answer, or the error if `ok` is false or memory ran out.
const char *answer_close(Page *page, bool ok);

// Returns false, with an error, if there is no model.
bool answer_needs_model(Page *page);
