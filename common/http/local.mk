# sources of common/http
