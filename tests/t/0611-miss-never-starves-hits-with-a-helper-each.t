#!/bin/sh
# 0610 once more, with helper_mode = oneshot.
# SPDX-License-Identifier: Apache-2.0
helper_mode=oneshot
. "${top_srcdir:-.}/tests/t/0610-miss-never-starves-hits.t"
