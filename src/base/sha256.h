// SHA-256 (FIPS 180-4), the checksum of names files and model files.
#pragma once

#include <stddef.h>

enum { SHA256_BYTES = 32, SHA256_HEX_BYTES = 65 }; // 64 digits and a NUL

void sha256(const void *bytes, size_t n, unsigned char digest[SHA256_BYTES]);

// The same without the CPU's instructions for SHA-256.
void sha256_plain(const void *bytes, size_t n, unsigned char digest[SHA256_BYTES]);

// Writes the digest in lower-case hexadecimal.
void sha256_hex(const void *bytes, size_t n, char hex[SHA256_HEX_BYTES]);
