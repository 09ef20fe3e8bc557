"""The demo's story: a fictional provider with eight quarters behind it, told through the verbs of real use.

`story` runs the plans. A plan (`plan_surveys`, `plan_risks`, …) puts steps on the `timeline`; a step calls
the procedure as a person would, at its instant. demo.toml holds the cast, its words and the chances.
"""
