"""Disasters of the whole estate, handled as the document's plan has it, against one clock.

``plan.handle`` is the door: incident assessment, team notification, recovery execution, system verification and user
communication, each with its moment on a timeline.
"""
