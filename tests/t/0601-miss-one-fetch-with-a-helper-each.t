#!/bin/sh
# 0600 once more, with helper_mode = oneshot.
# SPDX-License-Identifier: Apache-2.0
helper_mode=oneshot
. "${top_srcdir:-.}/tests/t/0600-miss-one-fetch-for-a-hundred-requests.t"
