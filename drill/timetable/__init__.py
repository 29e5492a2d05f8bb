"""The policy's schedule, ready to install: for cron, for systemd, for Kubernetes.

``jobs`` reads what is to run and when; each of the other modules writes that down for one scheduler.
"""

from drill.timetable.jobs import Job, Place, jobs

__all__ = ["Job", "Place", "jobs"]
