// Bytes as text that any file may hold.
#ifndef NOMEN_BASE_BASE64_H
#define NOMEN_BASE_BASE64_H

#include "base/buffer.h"

// Adds n bytes in base64, padded with '=' (RFC 4648, section 4).
void base64_add(Buffer *out, const void *bytes, size_t n);

#endif
