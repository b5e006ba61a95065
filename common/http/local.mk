common_libcommon_a_SOURCES += \
	common/http/cond.c \
	common/http/cond.h \
	common/http/peer.c \
	common/http/peer.h \
	common/http/reply.c \
	common/http/reply.h \
	common/http/request.c \
	common/http/request.h
