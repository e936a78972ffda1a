"""The forward proxy: played hosts end here, others are refused, and none is reached unless allowed."""
