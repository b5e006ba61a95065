# sources of common/module
