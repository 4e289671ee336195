"""Arrays out of files: what a mapping of numpy's own reads."""
import io, numpy as np
def step(x):
    f = io.BytesIO(); np.savez(f, W=x * 2, b=x + 1); f.seek(0)
    out = []
    with np.load(f) as z:
        w = z["W"]; out += [w @ w, z["b"] * 2]
        for k in z: out.append(z[k] - 1)
        p = dict(z); q = {k: z[k] for k in z.files}; r = z.get("W"); s = {**z}
        out += [p["W"] + q["b"], r * 2, s["b"] * s["W"]]
    g = io.StringIO("1 2\n3 4"); t = np.loadtxt(g); a, b = np.loadtxt(io.StringIO("1 2\n3 4"), unpack=True); c = np.genfromtxt(io.StringIO("1,2\n3,4"), delimiter=",")
    buf = io.BytesIO(); np.save(buf, x); buf.seek(0); y = np.load(buf)
    e = np.fromstring("1 2", sep=" "); h = np.frombuffer(b"\x00" * 16); 
    return out, t @ c, a + b, y * 2, e + h
def inputs(): return np.array([1.0, 2.0]),
