"""Layers as they are written for CMU's 11-785: backward takes dLdZ and keeps dLdW."""

# ruff: noqa: NPY002  people write these

import numpy as np


class Linear:
    def __init__(self, in_features, out_features, debug=False):
        self.W = np.random.randn(out_features, in_features)
        self.b = np.zeros((out_features, 1))
        self.debug = debug

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        Z = A @ self.W.T + self.Ones @ self.b.T
        return Z

    def backward(self, dLdZ):
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ self.Ones
        if self.debug:
            self.dLdA = dLdA
        return dLdA


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self, dLdA):
        dLdZ = dLdA * (self.A - self.A * self.A)
        return dLdZ


class Softmax:
    def forward(self, Z):
        e = np.exp(Z - Z.max(axis=1, keepdims=True))
        self.A = e / e.sum(axis=1, keepdims=True)
        return self.A

    def backward(self, dLdA):
        N, C = dLdA.shape
        dLdZ = np.zeros((N, C))
        for i in range(N):
            a = self.A[i]
            J = np.diag(a) - np.outer(a, a)
            dLdZ[i, :] = dLdA[i] @ J
        return dLdZ


class MSELoss:
    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N = A.shape[0]
        self.C = A.shape[1]
        se = (A - Y) * (A - Y)
        sse = np.ones((1, self.N)) @ se @ np.ones((self.C, 1))
        mse = sse / (self.N * self.C)
        return mse

    def backward(self):
        dLdA = 2 * (self.A - self.Y) / (self.N * self.C)
        return dLdA


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N = A.shape[0]
        self.C = A.shape[1]
        e = np.exp(A - A.max(axis=1, keepdims=True))
        self.softmax = e / e.sum(axis=1, keepdims=True)
        crossentropy = np.sum(-Y * np.log(self.softmax), axis=1)
        L = np.sum(crossentropy) / self.N
        return L

    def backward(self):
        dLdA = (self.softmax - self.Y) / self.N
        return dLdA


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.dLdBW = np.zeros((1, num_features))
        self.dLdBb = np.zeros((1, num_features))
        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        self.Z = Z
        self.N = Z.shape[0]
        self.M = np.mean(Z, axis=0, keepdims=True)
        self.V = np.var(Z, axis=0, keepdims=True)
        if not eval:
            self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
            self.BZ = self.BW * self.NZ + self.Bb
            self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
            self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        else:
            self.NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            self.BZ = self.BW * self.NZ + self.Bb
        return self.BZ

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)
        dLdNZ = dLdBZ * self.BW
        std = np.sqrt(self.V + self.eps)
        dLdV = -0.5 * np.sum(dLdNZ * (self.Z - self.M) * std**-3, axis=0)
        dNZdM = -1 / std - 0.5 * (self.Z - self.M) * std**-3 * (-2 / self.N) * np.sum(
            self.Z - self.M, axis=0
        )
        dLdM = np.sum(dLdNZ * dNZdM, axis=0)
        dLdZ = dLdNZ / std + dLdV * 2 / self.N * (self.Z - self.M) + dLdM / self.N
        return dLdZ


class Conv1d_stride1:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None):
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.W = np.random.normal(0, 1.0, (out_channels, in_channels, kernel_size))
        self.b = np.zeros(out_channels)
        self.dLdW = np.zeros(self.W.shape)
        self.dLdb = np.zeros(self.b.shape)

    def forward(self, A):
        self.A = A
        size = A.shape[2] - self.kernel_size + 1
        Z = np.zeros((A.shape[0], self.out_channels, size))
        for i in range(size):
            window = A[:, :, i : i + self.kernel_size]
            Z[:, :, i] = np.tensordot(window, self.W, axes=([1, 2], [1, 2])) + self.b
        return Z

    def backward(self, dLdZ):
        self.dLdb = dLdZ.sum(axis=(0, 2))
        size = dLdZ.shape[2]
        for k in range(self.kernel_size):
            window = self.A[:, :, k : k + size]
            self.dLdW[:, :, k] = np.tensordot(dLdZ, window, axes=([0, 2], [0, 2]))
        pad = self.kernel_size - 1
        padded = np.pad(dLdZ, ((0, 0), (0, 0), (pad, pad)))
        flipped = self.W[:, :, ::-1]
        dLdA = np.zeros(self.A.shape)
        for i in range(self.A.shape[2]):
            window = padded[:, :, i : i + self.kernel_size]
            dLdA[:, :, i] = np.tensordot(window, flipped, axes=([1, 2], [0, 2]))
        return dLdA


class Flatten:
    def forward(self, A):
        self.shape = A.shape
        return A.reshape(A.shape[0], -1)

    def backward(self, dLdZ):
        return dLdZ.reshape(self.shape)


class Upsample1d:
    def __init__(self, upsampling_factor):
        self.upsampling_factor = upsampling_factor

    def forward(self, A):
        N, C, W = A.shape
        k = self.upsampling_factor
        Z = np.zeros((N, C, k * (W - 1) + 1))
        Z[:, :, ::k] = A
        return Z

    def backward(self, dLdZ):
        return dLdZ[:, :, :: self.upsampling_factor]


class RNNCell:
    def __init__(self, input_size, hidden_size):
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.activation = np.tanh
        h, d = hidden_size, input_size
        self.W_ih = np.random.randn(h, d)
        self.W_hh = np.random.randn(h, h)
        self.b_ih = np.random.randn(h)
        self.b_hh = np.random.randn(h)
        self.dW_ih = np.zeros((h, d))
        self.dW_hh = np.zeros((h, h))
        self.db_ih = np.zeros(h)
        self.db_hh = np.zeros(h)

    def forward(self, x, h_prev_t):
        h_t = np.tanh(x @ self.W_ih.T + self.b_ih + h_prev_t @ self.W_hh.T + self.b_hh)
        return h_t

    def backward(self, delta, h_t, h_prev_l, h_prev_t):
        batch_size = delta.shape[0]
        dz = delta * (1 - h_t**2)
        self.dW_ih += dz.T @ h_prev_l / batch_size
        self.dW_hh += dz.T @ h_prev_t / batch_size
        self.db_ih += dz.sum(axis=0) / batch_size
        self.db_hh += dz.sum(axis=0) / batch_size
        dx = dz @ self.W_ih
        dh_prev_t = dz @ self.W_hh
        return dx, dh_prev_t


class GRUCell:
    """One sample at a time, as vectors."""

    def __init__(self, input_size, hidden_size):
        h, d = hidden_size, input_size
        self.Wrx, self.Wzx, self.Wnx = (np.random.randn(h, d) for _ in range(3))
        self.Wrh, self.Wzh, self.Wnh = (np.random.randn(h, h) for _ in range(3))

    def forward(self, x, h_prev_t):
        self.x = x
        self.hidden = h_prev_t
        self.r = 1 / (1 + np.exp(-(self.Wrx @ x + self.Wrh @ h_prev_t)))
        self.z = 1 / (1 + np.exp(-(self.Wzx @ x + self.Wzh @ h_prev_t)))
        self.hn = self.Wnh @ h_prev_t
        self.n = np.tanh(self.Wnx @ x + self.r * self.hn)
        h_t = (1 - self.z) * self.n + self.z * h_prev_t
        return h_t

    def backward(self, delta):
        dn = delta * (1 - self.z) * (1 - self.n**2)
        dz = delta * (self.hidden - self.n) * self.z * (1 - self.z)
        dr = dn * self.hn * self.r * (1 - self.r)
        dhn = dn * self.r
        self.dWrx, self.dWzx, self.dWnx = (np.outer(g, self.x) for g in (dr, dz, dn))
        self.dWrh, self.dWzh, self.dWnh = (np.outer(g, self.hidden) for g in (dr, dz, dhn))
        dx = self.Wrx.T @ dr + self.Wzx.T @ dz + self.Wnx.T @ dn
        dh_prev_t = self.Wrh.T @ dr + self.Wzh.T @ dz + self.Wnh.T @ dhn + delta * self.z
        return dx, dh_prev_t
