"""Due work done by ARQ: the tick that claims, the handlers, the worker processes.

PostgreSQL is the schedule and the truth. Redis carries ids from a process's tick to its own
workers; what is lost there is claimed again.
"""
