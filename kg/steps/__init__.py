"""The steps of a build over batches of reports: what one batch gives depends on no other, but on what steps before made of all.

    read      input -> record, what one report says by itself
    names     the names in all records -> what each means
    models    all that reports say of a model -> derived facts, gaps, contradictions
    reports   record + names + what is found about it -> its graph, its rows of every file, its facts
    facts     the facts of all reports, each once, in order
    whole     facts -> the default graph, its description, summaries, index, Turtle, JSON-LD

A step's function for one batch takes and gives plain data, so that the processes of one machine (`kg.building`) and of a cluster
(`kg.spark`) call the same one. Between steps records lie on a `Shelf`, on disk: none needs memory for all reports.
"""
