"""What the student learns: the teacher's 1280 features, centred and projected on their 256 principal axes.

tailrec standardises every column of a block, which would blow up the weak principal axes. So the coordinates are turned by a
Hadamard matrix H / 16: distances stay what they are, and every column gets the same variance (the mean of the eigenvalues).
"""

import numpy as np
from scipy.linalg import hadamard

DIMENSION = 256


def fit_projection(features):
    """(mean, matrix 1280 x 256) such that (x - mean) @ matrix has columns of variance 1, from n x 1280 teacher features."""
    mean = features.mean(0, dtype=np.float64)
    centred = features - mean
    values, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    values, axes = values[::-1][:DIMENSION], axes[:, ::-1][:, :DIMENSION]
    print(f"{DIMENSION} axes keep {values.sum() / centred.var(0).sum():.3f} of the variance")
    return mean, axes @ hadamard(DIMENSION) / DIMENSION**0.5 / values.mean() ** 0.5


def project(features, projection):
    mean, matrix = projection
    return ((features.astype(np.float64) - mean) @ matrix).astype(np.float32)


def neighbours(vectors, count=10):
    """The `count` nearest rows of each row by the cosine of centred vectors."""
    centred = vectors - vectors.mean(0, dtype=np.float64)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :count]


def agreement(vectors, others, count=10):
    """Mean share of the `count` nearest rows that two sets of vectors have in common."""
    pairs = zip(neighbours(vectors, count), neighbours(others, count))
    return float(np.mean([len(np.intersect1d(a, b)) / count for a, b in pairs]))
