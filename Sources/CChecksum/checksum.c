// The processor's CRC-32C instruction, which Swift cannot name: SSE 4.2's on x86-64 (Intel's manual, volume 2, CRC32), the
// CRC extension's on AArch64 (Arm's Architecture Reference Manual, CRC32CX).

#include "checksum.h"

#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>

#define USES_INSTRUCTION __attribute__((target("sse4.2")))
#define STEP_OF_ONE(state, byte) __builtin_ia32_crc32qi(state, byte)
#define STEP_OF_EIGHT(state, word) ((uint32_t)__builtin_ia32_crc32di(state, word))

bool checksum_has_instruction(void) {
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2);
}

#elif defined(__aarch64__) && defined(__linux__) && defined(__LITTLE_ENDIAN__)

#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#define USES_INSTRUCTION __attribute__((target("crc")))
#define STEP_OF_ONE(state, byte) __builtin_arm_crc32cb(state, byte)
#define STEP_OF_EIGHT(state, word) __builtin_arm_crc32cd(state, word)

bool checksum_has_instruction(void) { return getauxval(AT_HWCAP) & HWCAP_CRC32; }

#endif

#if defined(USES_INSTRUCTION)

USES_INSTRUCTION
uint32_t checksum_by_instruction(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        state = STEP_OF_EIGHT(state, word);
    }
    for (; count > 0; count--, next++) state = STEP_OF_ONE(state, *next);
    return state;
}

#else

bool checksum_has_instruction(void) { return false; }

uint32_t checksum_by_instruction(uint32_t state, const void *bytes, size_t count) {
    __builtin_trap();
}

#endif
