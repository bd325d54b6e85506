#include "base/base64.h"

#include <stdint.h>

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(Buffer *out, const void *bytes, size_t n) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t bits = (uint32_t)at[i] << 16;
        if (left > 1) bits |= (uint32_t)at[i + 1] << 8;
        if (left > 2) bits |= at[i + 2];
        char digits[] = {DIGITS[bits >> 18], DIGITS[bits >> 12 & 63], DIGITS[bits >> 6 & 63], DIGITS[bits & 63]};
        if (left < 2) digits[2] = '=';
        if (left < 3) digits[3] = '=';
        buffer_add(out, digits, sizeof digits);
    }
}
