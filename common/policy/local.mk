common_libcommon_a_SOURCES += \
	common/policy/policy.c \
	common/policy/policy.h
