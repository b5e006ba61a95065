#!/bin/sh
# 0300 once more, with helper_mode = oneshot.
# SPDX-License-Identifier: Apache-2.0
helper_mode=oneshot
. "${top_srcdir:-.}/tests/t/0300-upstream-faults-have-their-status.t"
