#!/bin/sh
# 0620 once more, with helper_mode = oneshot.
# SPDX-License-Identifier: Apache-2.0
helper_mode=oneshot
. "${top_srcdir:-.}/tests/t/0620-miss-survives-kills-at-any-instant.t"
