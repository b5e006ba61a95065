common_libcommon_a_SOURCES += \
	common/config/goproxy.c \
	common/config/goproxy.h
