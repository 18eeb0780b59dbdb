"""Classes that return nothing: forward sets output, backward sets dinputs and dweights.

    gradcheck "docs/examples/nnfs_style.py::Dense(3,4)" --shape inputs=5,3
    gradcheck docs/examples/nnfs_style.py::WrongSoftmax --shape inputs=5,3

WrongSoftmax is wrong [diagonal]: it uses only the diagonal of the Jacobian, as if it worked entry
by entry.
"""

import numpy as np

rng = np.random.default_rng(0)


class Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * rng.normal(size=(n_inputs, n_neurons))
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs, training):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class WrongSoftmax:
    def forward(self, inputs):
        exp = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = exp / np.sum(exp, axis=1, keepdims=True)

    def backward(self, dvalues):
        self.dinputs = dvalues * self.output * (1 - self.output)
