# sources of common/policy
