common_libcommon_a_SOURCES += \
	common/cache/cache.c \
	common/cache/cache.h \
	common/cache/jobsock.c \
	common/cache/jobsock.h \
	common/cache/lock.c \
	common/cache/lock.h \
	common/cache/publish.c \
	common/cache/publish.h \
	common/cache/refusal.c \
	common/cache/refusal.h
