# unit tests of each area are in their own file here, to keep changes apart

UNIT_TESTS += \
	tests/unit/test_config \
	tests/unit/test_goproxy \
	tests/unit/test_suggest
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_config_LDADD = common/libcommon.a $(CHECK_LIBS) $(INIH_LIBS)
tests_unit_test_goproxy_SOURCES = tests/unit/test_goproxy.c
tests_unit_test_goproxy_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_goproxy_LDADD = common/libcommon.a $(CHECK_LIBS)
tests_unit_test_suggest_SOURCES = tests/unit/test_suggest.c
tests_unit_test_suggest_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_suggest_LDADD = common/libcommon.a $(CHECK_LIBS)
