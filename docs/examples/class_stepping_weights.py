"""Classes that change their weights inside backward, one sample as a column.

    gradcheck "docs/examples/class_stepping_weights.py::Dense(3,4)" --shape input=3,1
    gradcheck "docs/examples/class_stepping_weights.py::WrongDense(3,4)" --shape input=3,1

The gradient of the weights is what a step with the learning rate 1 changes them by.
WrongDense is wrong [nonlinear]: it changes the weights first, and then uses them for the gradient
of its input, which therefore depends on the learning rate.
"""

import numpy as np

rng = np.random.default_rng(0)


class Dense:
    def __init__(self, input_size, output_size):
        self.weights = rng.normal(size=(output_size, input_size))
        self.bias = rng.normal(size=(output_size, 1))

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias

    def backward(self, output_gradient, learning_rate):
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * np.dot(output_gradient, self.input.T)
        self.bias -= learning_rate * output_gradient
        return input_gradient


class WrongDense(Dense):
    def backward(self, output_gradient, learning_rate):
        self.weights -= learning_rate * np.dot(output_gradient, self.input.T)
        self.bias -= learning_rate * output_gradient
        return np.dot(self.weights.T, output_gradient)
