"""Losses the way different people write them; a letter for each file, used by test_losses.py."""

TWO_FUNCTIONS = """
def mse(y_true, y_pred):
    return np.mean(np.power(y_true - y_pred, 2))

def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / np.size(y_true)
"""

SIGN = """
def mae(y_true, y_pred):
    return np.mean(np.abs(y_true - y_pred))

def mae_prime(y_true, y_pred):
    return np.sign(y_true - y_pred) / y_true.size
"""

PER_SAMPLE_MEAN = """
def mse(y_pred, y_true):
    return ((y_true - y_pred) ** 2).mean(axis=1)

def mse_grad(y_pred, y_true):
    return 2 * (y_pred - y_true) / y_true.size
"""

PER_SAMPLE_SUM = """
def mse(y_pred, y_true):
    return ((y_true - y_pred) ** 2).mean(axis=1)

def mse_grad(y_pred, y_true):
    return 2 * (y_pred - y_true) / y_true.shape[1]
"""

PER_SAMPLE_NEITHER = """
def mse(y_pred, y_true):
    return ((y_true - y_pred) ** 2).sum(axis=1)

def mse_grad(y_pred, y_true):
    return y_pred - y_true
"""

NO_NAMES = """
def quadratic_cost(a, b):
    return 0.5 * np.sum((a - b) ** 2)

def quadratic_cost_derivative(a, b):
    return a - b
"""

SECOND_IS_PREDICTION = """
def quadratic_cost(a, b):
    return 0.5 * np.sum((a - b) ** 2)

def quadratic_cost_derivative(a, b):
    return b - a
"""

OTHER_ORDER = """
def huber_loss(target, output, delta=0.7):
    e = np.abs(output - target)
    return np.sum(np.where(e < delta, 0.5 * e**2, delta * (e - 0.5 * delta)))

def huber_grad(y_hat, y, delta=0.7):
    return np.clip(y_hat - y, -delta, delta)
"""

SHORT_NAMES = """
def loss(y, p):
    return np.log(np.cosh(p - y)).sum()

def grad(y, p):
    return np.tanh(p - y)
"""

FLAG = """
def rmse(y, p, deriv=False):
    r = np.sqrt(np.mean((y - p) ** 2))
    if deriv:
        return (p - y) / (r * y.size)
    return r
"""

SOFTMAX_LABELS = """
def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = np.exp(log_probs)
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
"""

FORGOT_MEAN = """
def svm_loss(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y]
    margins = np.maximum(0, x - correct[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= np.sum(margins > 0, axis=1)
    return np.sum(margins) / N, dx
"""

WEIGHTS = """
def svm_loss_naive(W, X, y, reg):
    dW, loss, N = np.zeros(W.shape), 0.0, X.shape[0]
    for i in range(N):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W
"""

CLASS = """
class CrossEntropy:
    def __init__(self): pass

    def loss(self, y, p):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return - y * np.log(p) - (1 - y) * np.log(1 - p)

    def acc(self, y, p):
        return np.mean(np.argmax(y, axis=1) == np.argmax(p, axis=1))

    def gradient(self, y, p):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return - (y / p) + (1 - y) / (1 - p)
"""

STATIC = """
class BCE:
    @staticmethod
    def loss(y_true, y_prob):
        return -np.mean(y_true * np.log(y_prob) + (1 - y_true) * np.log(1 - y_prob))

    @staticmethod
    def derivative(y_true, y_prob):
        return (y_prob - y_true) / (y_prob * (1 - y_prob)) / y_true.size
"""

BACKWARD_WITHOUT_ARGUMENTS = """
class MSELoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        se = (A - Y) * (A - Y)
        return np.sum(se) / (2 * self.N * self.C)

    def backward(self):
        return (self.A - self.Y) / (self.N * self.C)
"""

SOFTMAX_WITH_LOSS = """
class SoftmaxWithLoss:
    def __init__(self):
        self.loss = self.y = self.t = None

    def forward(self, x, t):
        self.t = t
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        self.loss = -np.sum(np.log(self.y[np.arange(len(t)), t])) / len(t)
        return self.loss

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dx / len(self.t)
"""

USES_DOUT = SOFTMAX_WITH_LOSS.replace("return dx / len", "return dout * dx / len")

NNFS = """
class Loss:
    def calculate(self, output, y):
        return np.mean(self.forward(output, y))

class Loss_CategoricalCrossentropy(Loss):
    def forward(self, y_pred, y_true):
        samples = len(y_pred)
        y_pred_clipped = np.clip(y_pred, 1e-7, 1 - 1e-7)
        if len(y_true.shape) == 1:
            correct_confidences = y_pred_clipped[range(samples), y_true]
        elif len(y_true.shape) == 2:
            correct_confidences = np.sum(y_pred_clipped * y_true, axis=1)
        return -np.log(correct_confidences)

    def backward(self, dvalues, y_true):
        samples, labels = len(dvalues), len(dvalues[0])
        if len(y_true.shape) == 1:
            y_true = np.eye(labels)[y_true]
        self.dinputs = -y_true / dvalues
        self.dinputs = self.dinputs / samples
"""

NNFS_SOFTMAX = """
class Activation_Softmax_Loss_CategoricalCrossentropy:
    def forward(self, inputs, y_true):
        exp_values = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = exp_values / np.sum(exp_values, axis=1, keepdims=True)
        return -np.mean(np.log(self.output[range(len(y_true)), y_true]))

    def backward(self, dvalues, y_true):
        samples = len(dvalues)
        self.dinputs = dvalues.copy()
        self.dinputs[range(samples), y_true] -= 1
        self.dinputs = self.dinputs / samples
"""

NNFS_MAE = """
class Loss_MeanAbsoluteError:
    def forward(self, y_pred, y_true):
        return np.mean(np.abs(y_true - y_pred), axis=-1)

    def backward(self, dvalues, y_true):
        samples, outputs = len(dvalues), len(dvalues[0])
        self.dinputs = -np.sign(y_true - dvalues) / outputs
        self.dinputs = self.dinputs / samples
"""

SCORES_FOR_PROBABILITIES = """
def cross_entropy(p, y):
    return -np.sum(y * np.log(p))

def cross_entropy_grad(p, y):
    return p - y
"""

HINGE = """
def hinge(y, f):
    return np.maximum(0, 1 - y * f).mean()

def hinge_derivative(y, f):
    return np.where(y * f < 1, -y, 0) / y.size
"""

COLUMNS = """
def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = (1.0 / m) * (-np.dot(Y, np.log(AL).T) - np.dot(1 - Y, np.log(1 - AL).T))
    cost = np.squeeze(cost)
    assert cost.shape == ()
    return cost

def compute_cost_backward(AL, Y):
    return -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)) / Y.shape[1]
"""

WITH_DELTA = """
class Huber:
    def __init__(self, delta):
        self.delta = delta

    def __call__(self, y_hat, y):
        self.e = y_hat - y
        small = np.abs(self.e) < self.delta
        return np.where(small, self.e**2 / 2, self.delta * (np.abs(self.e) - self.delta / 2)).sum()

    def grad(self):
        return np.clip(self.e, -self.delta, self.delta)
"""

BOTH_GRADIENTS = """
class MeanSquaredError:
    def forward(self, x0, x1):
        self.diff = x0 - x1
        return (self.diff ** 2).sum() / len(self.diff)

    def backward(self, gy):
        gx0 = gy * self.diff * (2.0 / len(self.diff))
        return gx0, -gx0
"""

ONE_BY_ONE = """
def squared_error(output, target):
    e = (output - target).reshape(1, -1)
    return e @ e.T

def squared_error_prime(output, target):
    return 2 * (output - target)
"""

KL = """
def kl_divergence(p, target):
    return np.sum(target * np.log(target / p), axis=-1)

def kl_divergence_grad(p, target):
    return -target / p
"""

LOGITS = """
def bce_with_logits(logits, targets):
    loss = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    dlogits = 1 / (1 + np.exp(-logits)) - targets
    return loss.mean(), dlogits / logits.size
"""

TWO_GRADIENTS = """
def contrastive_loss(x1, x2, y, margin=1.5):
    d = np.sqrt(np.sum((x1 - x2) ** 2, axis=1))
    gap = np.maximum(margin - d, 0)
    loss = np.mean(y * d ** 2 + (1 - y) * gap ** 2)
    slope = 2 * (y * d - (1 - y) * gap) / d / len(y)
    dx1 = slope[:, None] * (x1 - x2)
    dx2 = -dx1
    return loss, dx1, dx2
"""

PER_OUTPUT = """
class BinaryCrossEntropy:
    def __call__(self, y_pred, y_true):
        return -np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))

    def backward(self, y_pred, y_true):
        return (y_pred - y_true) / (y_pred * (1 - y_pred)) / y_true.shape[0]
"""

RAISES = """
def mse(pred, target):
    return np.mean((pred - target) ** 2)

def mse_backward(pred, target):
    return 2 * (prediction - target) / target.size
"""

FLOAT32 = """
class MSE:
    def loss(self, y, y_pred):
        return 0.5 * np.sum((y - y_pred).astype(np.float32) ** 2)

    def gradient(self, y, y_pred):
        return -(y - y_pred)
"""

LAYER_OF_TWO = """
class Mul:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x
"""

FUNCTIONS_OF_TWO = """
def add(x, y):
    return x + y

def add_backward(dout, x, y):
    return dout, dout
"""

PAIR_WITH_CACHE = """
def scale_forward(x, y):
    out = x * y
    return out, (x, y)

def scale_backward(dout, cache):
    x, y = cache
    return dout * y, dout * x
"""

NETWORK = """
class TwoLayerNet:
    def __init__(self):
        self.params = {'W1': np.ones((3, 2))}

    def loss(self, x, t):
        return np.sum((x @ self.params['W1'] - t[:, :2]) ** 2)

    def gradient(self, x, t):
        return {'W1': 2 * x.T @ (x @ self.params['W1'] - t[:, :2])}
"""

METRIC = """
def accuracy(y_pred, y_true):
    return np.mean(y_pred == y_true)
"""
