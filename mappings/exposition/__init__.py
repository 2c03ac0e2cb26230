"""The canonical model: the national modèle d'exposition as frozen values, under its French class names.

One class per class of the model, plus what older versions of the contract say and 3.0 dropped, so that nothing a
source says is without a place. A value is made once, of values made before it: it is in no cycle, and the collector of
cycles is spared it (`gc=False`, docs/benchmarks.md). Imports nothing of ours.
"""
