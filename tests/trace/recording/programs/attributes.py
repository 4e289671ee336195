"""Properties, descriptors, class attributes, __getattr__, classmethods, static methods, metaclasses."""

import numpy as np


class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        setattr(instance, self.name, np.abs(value))


class Registry(type):
    known = []

    def __new__(meta, name, bases, space, **keywords):
        made = super().__new__(meta, name, bases, space, **keywords)
        meta.known.append(name)
        return made


class Base(metaclass=Registry):
    shared = np.array([1.0, 2.0])
    count = 0

    def __init_subclass__(cls, scale=1.0, **kw):
        super().__init_subclass__(**kw)
        cls.scale = cls.shared * scale


class Model(Base, scale=3.0):
    sigma = Positive()

    def __init__(self, w):
        self.__w = w
        self.sigma = -w
        type(self).count += 1

    @property
    def w(self):
        return self.__w * 2

    @w.setter
    def w(self, value):
        self.__w = value / 2

    @w.deleter
    def w(self):
        self.__w = np.zeros_like(self.__w)

    @classmethod
    def twin(cls, other):
        return cls(other.w + cls.shared)

    @staticmethod
    def squash(z):
        return z / (1 + np.abs(z))

    def __getattr__(self, name):
        if name.startswith("half_"):
            return getattr(self, name[5:]) / 2
        raise AttributeError(name)

    def __getitem__(self, i):
        return self.__w[i]

    def __setitem__(self, i, value):
        self.__w[i] = value

    def __len__(self):
        return len(self.__w)

    def __iter__(self):
        return iter(self.__w)

    def __contains__(self, value):
        return bool((self.__w == value).any())

    def __iadd__(self, other):
        self.__w += other
        return self

    def __array__(self, dtype=None, copy=None):
        return np.array(self.__w, dtype=dtype)


def step(w):
    m = Model(w)
    m.w = m.w + 1
    m[0] = m[1] * 5
    m += 1
    twin = Model.twin(m)
    twin.w *= 2
    Base.shared += 1
    Model.scale[0] -= 1
    doubled = np.multiply(m, 2)
    total = sum(v for v in m)
    print(Registry.known, Model.count, 3.0 in m, len(twin))
    del twin.w
    return m.w, m.half_w, twin.w, m.squash(w), m.sigma, twin.sigma, doubled, total, Model.scale


def inputs():
    return (np.array([1.0, -4.0]),)
