#include "web/answer.h"

#include "base/json.h"

void answer_open(Page *page) {
    arena_free(&page->scratch);
    page->out = (Buffer){.arena = &page->scratch};
    page->err = (Error){0};
    json_open(&page->out, '{');
}

const char *answer_close(Page *page, bool ok) {
    json_close(&page->out, '}');
    const char *text = ok ? buffer_text(&page->out, &page->err) : NULL;
    if (text) return text;
    page->out = (Buffer){.arena = &page->scratch};
    json_open(&page->out, '{');
    json_add_text(&page->out, "error", page->err.text);
    json_close(&page->out, '}');
    text = buffer_text(&page->out, &page->err);
    return text ? text : "{\"error\":\"out of memory\"}";
}

bool answer_needs_model(Page *page) { return page->is_ready || error_set(&page->err, "there is no model yet"); }
