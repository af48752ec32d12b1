#ifndef SWITCHBACK_CHECKSUM_H
#define SWITCHBACK_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has an instruction for the Castagnoli checksum (CRC-32C).
bool checksum_has_instruction(void);

/// Returns the state of a Castagnoli checksum after `count` more bytes. The processor must have the instruction.
uint32_t checksum_by_instruction(uint32_t state, const void *bytes, size_t count);

#endif
