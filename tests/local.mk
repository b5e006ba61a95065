# Unit tests: tests/unit/test_<file>.c, one program each, named in UNIT_TESTS.
UNIT_TESTS =
include tests/unit/local.mk
if HAVE_CHECK
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
include tests/t/local.mk
include tests/bench/local.mk
include tests/oracle/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
