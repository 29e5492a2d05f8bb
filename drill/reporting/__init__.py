"""The compliance report: what the runs of a month proved, for auditors, from the evidence alone.

::

    reading     one run's record and events, whatever version wrote them    (the only reader of evidence here)
    summary     the report as data: the JSON that is published              (its schema is docs/report.schema.json)
    assembly    history, policy and verification -> summary
    page        what a reader sees, before it is HTML or PDF                (headings, tables, figures)
    composition summary -> page, in a language
    html, pdf   page -> bytes
    oscal       summary -> OSCAL assessment results
"""
