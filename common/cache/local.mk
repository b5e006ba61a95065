# sources of common/cache
