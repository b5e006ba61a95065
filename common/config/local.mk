# sources of common/config
