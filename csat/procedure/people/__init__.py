"""The staff: persons, accounts, sessions and sign-in (D4), departments from day to day; who may do what
(permissions), who may not do both steps on one record (separation_of_duties, I4); files of evidence (I1).
"""
