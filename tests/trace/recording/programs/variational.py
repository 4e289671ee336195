"""One step of a variational autoencoder: encode, sample, decode, both losses, all gradients by hand."""

import numpy as np


def xavier(n, m, rng):
    return rng.uniform(-1, 1, (n, m)) * np.sqrt(6 / (n + m))


class VAE:
    def __init__(self, n=4, latent=2, seed=0):
        rng = np.random.default_rng(seed)
        self.p = {
            "We": xavier(n, 3, rng), "Wm": xavier(3, latent, rng), "Ws": xavier(3, latent, rng),
            "Wd": xavier(latent, 3, rng), "Wo": xavier(3, n, rng),
        }
        self.rng = rng

    def step(self, x, lr=0.05):
        p = self.p
        h = np.tanh(x @ p["We"])
        mu, logvar = h @ p["Wm"], h @ p["Ws"]
        eps = self.rng.standard_normal(mu.shape)
        std = np.exp(0.5 * logvar)
        z = mu + std * eps
        hd = np.tanh(z @ p["Wd"])
        out = 1 / (1 + np.exp(-hd @ p["Wo"]))
        bce = -np.sum(x * np.log(out + 1e-9) + (1 - x) * np.log(1 - out + 1e-9))
        kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
        dlogit = out - x
        g = {"Wo": hd.T @ dlogit}
        dhd = dlogit @ p["Wo"].T * (1 - hd**2)
        g["Wd"] = z.T @ dhd
        dz = dhd @ p["Wd"].T
        dmu = dz + mu
        dlv = dz * eps * 0.5 * std + 0.5 * (np.exp(logvar) - 1)
        g |= {"Wm": h.T @ dmu, "Ws": h.T @ dlv}
        dh = (dmu @ p["Wm"].T + dlv @ p["Ws"].T) * (1 - h**2)
        g["We"] = x.T @ dh
        self.p = {k: v - lr * g[k] for k, v in p.items()}
        return bce, kl


vae = VAE()


def step(x):
    bce, kl = vae.step(x)
    print(f"{bce:.4f} + {kl:.4f} = {bce + kl:.4f}")
    return bce + kl


def inputs():
    return (np.array([[0.0, 1, 0, 1], [1, 1, 0, 0]]),)
