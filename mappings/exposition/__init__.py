"""The canonical model: the national modèle d'exposition as frozen values, under its French class names.

One class per class of the model, plus what older versions of the contract say and 3.0 dropped, so that nothing a
source says is without a place. Imports nothing of ours.
"""
