/* tests/fuzz/fuzz.h: one input for a parser of outside bytes.
 *
 * Each fuzz_NAME.c defines fuzz_one(); libFuzzer calls it, or replay.c for the
 * files of the corpus.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/str.h"

/* Must not crash, whatever the bytes are; must() holds what is promised. */
void fuzz_one(struct str input);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#endif
