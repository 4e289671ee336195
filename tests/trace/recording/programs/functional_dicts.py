"""The course's style: parameters, caches and gradients in dicts, everything is a function."""

import numpy as np


def initialize_parameters(dims):
    np.random.seed(3)
    parameters = {}
    for l in range(1, len(dims)):
        parameters["W" + str(l)] = np.random.randn(dims[l], dims[l - 1]) * 0.01
        parameters["b" + str(l)] = np.zeros((dims[l], 1))
    return parameters


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        Z = parameters["W" + str(l)].dot(A_prev) + parameters["b" + str(l)]
        A = np.maximum(0, Z)
        caches.append((A_prev, Z))
    Z = np.dot(parameters["W" + str(L)], A) + parameters["b" + str(L)]
    caches.append((A, Z))
    return sigmoid(Z), caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = -1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    return np.squeeze(cost)


def backward(AL, Y, caches, parameters):
    grads = {}
    L = len(caches)
    m = Y.shape[1]
    dZ = AL - Y
    for l in reversed(range(L)):
        A_prev, Z = caches[l]
        grads[f"dW{l + 1}"] = 1.0 / m * np.dot(dZ, A_prev.T)
        grads[f"db{l + 1}"] = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
        if l > 0:
            dA = np.dot(parameters[f"W{l + 1}"].T, dZ)
            dZ = np.array(dA, copy=True)
            dZ[caches[l - 1][1] <= 0] = 0
    return grads


parameters = initialize_parameters([4, 5, 3, 1])


def step(X, Y):
    AL, caches = forward(X, parameters)
    cost = compute_cost(AL, Y)
    grads = backward(AL, Y, caches, parameters)
    for key in parameters:
        parameters[key] = parameters[key] - 0.05 * grads["d" + key]
    print("Cost after iteration 0: %f" % cost)
    return AL, cost, grads


def inputs():
    return np.arange(24.0).reshape(4, 6) / 10 - 1, np.array([[0, 1, 0, 1, 1, 0]])
