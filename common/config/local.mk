common_libcommon_a_SOURCES += \
	common/config/conf.def \
	common/config/config.c \
	common/config/config.h \
	common/config/file.c \
	common/config/goproxy.c \
	common/config/goproxy.h \
	common/config/internal.h \
	common/config/key.c \
	common/config/key.h \
	common/config/suggest.c \
	common/config/suggest.h \
	common/config/text.c
