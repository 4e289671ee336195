"""Whole numbers and bits: hashing, Gray code, sieve, digits, big and small integer types."""

import numpy as np


def sieve(n):
    prime = np.ones(n, dtype=bool)
    prime[:2] = False
    for i in range(2, int(n**0.5) + 1):
        if prime[i]:
            prime[i * i :: i] = False
    return np.flatnonzero(prime)


def gray(a):
    return a ^ (a >> 1)


def step(a):
    primes = sieve(30)
    digits = a[:, None] // 10 ** np.arange(3)[::-1] % 10
    h = np.uint32(2166136261)
    with np.errstate(over="ignore"):
        for byte in a.astype(np.uint8):
            h = (h ^ np.uint32(byte)) * np.uint32(16777619)
    bits = np.unpackbits(a.astype(np.uint8).reshape(-1, 1), axis=1)
    quotient, rest = divmod(a, 7)
    print(primes.tolist(), int(h), bits.sum())
    a <<= 1
    a &= 0xFF
    a |= 1
    return gray(a), digits, quotient, rest, np.gcd(a, 12), ~a, -a, a % 3 == 0, np.left_shift(a, 2)


def inputs():
    return (np.array([3, 141, 59, 26]),)
