# sources of common/serve
