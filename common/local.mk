# What at least two programs share; links libc and libinih only.
noinst_LIBRARIES += common/libcommon.a
common_libcommon_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
common_libcommon_a_SOURCES =

include common/base/local.mk
include common/module/local.mk
include common/config/local.mk
include common/policy/local.mk
include common/cache/local.mk
include common/http/local.mk
include common/serve/local.mk
