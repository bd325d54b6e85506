// Whether a text is well-formed XML, as far as pictures use it.
#ifndef NOMEN_TESTS_XML_CHECK_H
#define NOMEN_TESTS_XML_CHECK_H

#include "base/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// Behind a reference such as &lt; or &#60;, or NULL.
static inline const char *xml_reference(const char *at) {
    static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
    for (size_t i = 0; i < 5; i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0) return at + strlen(known[i]);
    return NULL;
}

// Behind text, or an attribute's value that `quote` ends, with nothing in it that would have to be escaped.
static inline const char *xml_text(const char *at, char quote) {
    while (at && *at && *at != '<' && *at != quote) {
        if (strncmp(at, "]]>", 3) == 0 || ((unsigned char)*at < 0x20 && !isspace((unsigned char)*at))) return NULL;
        at = *at == '&' ? xml_reference(at) : at + 1;
    }
    return at;
}

static inline const char *xml_name(const char *at) {
    if (!isalpha((unsigned char)*at)) return NULL;
    while (isalnum((unsigned char)*at) || *at == ':' || *at == '-' || *at == '_') at++;
    return at;
}

// Behind the attributes of an element.
static inline const char *xml_attributes(const char *at) {
    while (at && isspace((unsigned char)*at)) {
        at += strspn(at, " \t\n");
        if (*at == '>' || *at == '/') break;
        at = xml_name(at);
        if (!at) return NULL;
        at += strspn(at, " ");
        at += *at == '=' ? 1 + strspn(at + 1, " ") : 0;
        if (*at != '"' && *at != '\'') return NULL;
        char quote = *at;
        at = xml_text(at + 1, quote);
        at = at && *at == quote ? at + 1 : NULL;
    }
    return at;
}

// Behind the element that begins at `at`, or NULL where it is not well-formed.
static inline const char *xml_element(const char *at) {
    const char *name = at + 1, *behind = *at == '<' ? xml_name(name) : NULL;
    size_t n = behind ? (size_t)(behind - name) : 0;
    at = behind ? xml_attributes(behind) : NULL;
    if (!at || (*at != '>' && strncmp(at, "/>", 2) != 0)) return NULL;
    if (*at == '/') return at + 2;
    for (at++; at;) {
        at = xml_text(at, '\0');
        if (!at || *at == '\0') return NULL;
        if (at[1] == '/') return strncmp(at + 2, name, n) == 0 && at[2 + n] == '>' ? at + n + 3 : NULL;
        at = xml_element(at);
    }
    return NULL;
}

// One element and nothing but white space behind it, all in UTF-8.
static inline bool xml_is_well_formed(const char *text) {
    const char *behind = xml_element(text);
    return behind && behind[strspn(behind, " \n")] == '\0' && utf8_is_valid(text, strlen(text));
}

#endif
