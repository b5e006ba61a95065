common_libcommon_a_SOURCES += \
	common/serve/helper.c \
	common/serve/helper.h \
	common/serve/miss.c \
	common/serve/miss.h \
	common/serve/respond.c \
	common/serve/respond.h \
	common/serve/route.c \
	common/serve/route.h \
	common/serve/server.c \
	common/serve/server.h
