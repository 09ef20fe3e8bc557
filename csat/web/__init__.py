"""The pages: one room for each step of the procedure, each form above its view.

Beside the rooms the ground that they stand on: who comes in (access), what an address asks for (params),
forms and their choices, how values look (formatting), files that go out (downloads), the rail (navigation).
"""
