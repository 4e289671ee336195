"""Signals: FFT filter, convolve, windows, autocorrelation, interpolation, cumulative sums, unwrap, polynomials."""

import numpy as np
from numpy.fft import irfft, rfft, rfftfreq
from numpy.polynomial import polynomial as P


def step(t, x):
    spectrum = rfft(x)
    f = rfftfreq(len(x), d=t[1] - t[0])
    spectrum[f > 2] = 0
    smooth = irfft(spectrum, n=len(x))
    window = np.hanning(5) / np.hanning(5).sum()
    averaged = np.convolve(x, window, mode="same")
    corr = np.correlate(x - x.mean(), x - x.mean(), "full")[len(x) - 1 :]
    corr /= corr[0]
    peaks = np.flatnonzero((x[1:-1] > x[:-2]) & (x[1:-1] > x[2:])) + 1
    fine = np.interp(np.linspace(t[0], t[-1], 5), t, x)
    c = np.polyfit(t, x, 2)
    fitted = np.polyval(c, t)
    p = P.polyval(0.5, P.polymul([1, 2], [3, 4]))
    phase = np.unwrap(np.angle(np.exp(1j * np.cumsum(np.full(6, 2.0)))))
    rms = np.sqrt(np.mean(np.square(x)))
    padded = np.pad(x, (1, 2), mode="reflect")
    zero = np.where(np.diff(np.signbit(x)))[0]
    area = np.trapezoid(x, t)
    print(peaks.tolist(), zero.size, f"{rms:.3f}")
    return smooth, averaged, corr, fine, fitted, p, phase, padded, area


def inputs():
    t = np.arange(16) / 8
    return t, np.sin(2 * np.pi * t) + 0.3 * np.cos(2 * np.pi * 3 * t)
