// Base64 (RFC 4648, section 4).
#ifndef NOMEN_BASE_BASE64_H
#define NOMEN_BASE_BASE64_H

#include "base/buffer.h"

// Adds n bytes, padded with '='.
void base64_add(Buffer *out, const void *bytes, size_t n);

#endif
