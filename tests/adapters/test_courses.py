"""Layers as courses, books and small libraries have them: recognised without a hook, and right.

Each right one is also broken by a change of one line, which must be found and explained.
"""

from pathlib import Path

import pytest
from layers.tables import row

from gradcheck.checks.adapters import recognise
from gradcheck.checks.adapters.inputs import parse_shapes
from gradcheck.checks.gradient.check import check_function
from gradcheck.checks.layers import UsageError

HERE = Path(__file__).parent / "courses"
PARTS = {"W1", "b1", "W2", "b2"}
MLP = {f"layers[{i}].{name}" for i in (0, 1) for name in ("weight", "bias")}


def findings(target, shapes=(), folder=HERE):
    """What is found in what a target names: the findings of all functions, and their inputs."""
    survey = recognise.survey(f"{folder}/{target}", parse_shapes(shapes))
    checked = [check_function(function) for function in survey.functions]
    return [finding for each in checked for finding in each.findings]


RIGHT = [  # what is named on the command line, and the gradients that are found to be right
    row("CS231n: affine", "cs231n_layers.py::affine_forward", {"x", "w", "b"}),
    row("CS231n: relu", "cs231n_layers.py::relu_forward", {"x"}),
    row("CS231n: affine and relu", "cs231n_layers.py::affine_relu_forward", {"x", "w", "b"}),
    row("CS231n: batch norm", "cs231n_layers.py::batchnorm_forward", {"x", "gamma", "beta"}),
    row("CS231n: layer norm", "cs231n_layers.py::layernorm_forward", {"x", "gamma", "beta"}),
    row("CS231n: dropout", "cs231n_layers.py::dropout_forward", {"x"}),
    row("CS231n: convolution", "cs231n_layers.py::conv_forward_naive", {"x", "w", "b"}),
    row("CS231n: max pooling", "cs231n_layers.py::max_pool_forward_naive", {"x"}),
    row("CS231n: spatial batch norm", "cs231n_layers.py::spatial_batchnorm_forward",
        {"x", "gamma", "beta"}),
    row("CS231n: spatial group norm", "cs231n_layers.py::spatial_groupnorm_forward",
        {"x", "gamma", "beta"}),
    row("CS231n: SVM loss", "cs231n_layers.py::svm_loss", {"x"}),
    row("CS231n: softmax loss", "cs231n_layers.py::softmax_loss", {"x"}),
    row("CS231n: a step of an RNN", "cs231n_rnn.py::rnn_step_forward",
        {"x", "prev_h", "Wx", "Wh", "b"}),
    row("CS231n: an RNN", "cs231n_rnn.py::rnn_forward", {"x", "h0", "Wx", "Wh", "b"}),
    row("CS231n: word embedding", "cs231n_rnn.py::word_embedding_forward", {"W"}),
    row("CS231n: a step of an LSTM", "cs231n_rnn.py::lstm_step_forward",
        {"x", "prev_h", "prev_c", "Wx", "Wh", "b"}),
    row("CS231n: an LSTM", "cs231n_rnn.py::lstm_forward", {"x", "h0", "Wx", "Wh", "b"}),
    row("CS231n: temporal affine", "cs231n_rnn.py::temporal_affine_forward", {"x", "w", "b"}),
    row("CS231n: temporal softmax loss", "cs231n_rnn.py::temporal_softmax_loss", {"x"}),
    row("CS231n: a linear SVM with loops", "cs231n_classifiers.py::svm_loss_naive", {"W"}),
    row("CS231n: softmax regression", "cs231n_classifiers.py::softmax_loss_vectorized", {"W"}),
    row("CS231n: a net that returns loss and grads", "cs231n_classifiers.py::TwoLayerNet", PARTS),
    row("CS231n: a classifier with X_batch and y_batch", "cs231n_classifiers.py::Softmax", {"W"}),
    row("Coursera: sigmoid with a cache", "coursera.py::sigmoid", {"Z"}),
    row("Coursera: relu with a cache", "coursera.py::relu", {"Z"}),
    row("Coursera: the cost", "coursera.py::compute_cost", {"AL"}),
    row("Coursera: logistic regression, gradients first", "coursera.py::propagate", {"w", "b"}),
    row("Coursera: convolution", "coursera.py::conv_forward", {"A_prev", "W", "b"}),
    row("Coursera: pooling", "coursera.py::pool_forward", {"A_prev"}),
    row("Coursera: an RNN cell, weights in a dictionary", "coursera.py::rnn_cell_forward",
        {"xt", "a_prev", "Wax", "Waa", "ba"}),
    row("from scratch: multiplication", "from_scratch.py::MulLayer", {"x", "y"}),
    row("from scratch: Sigmoid", "from_scratch.py::Sigmoid", {"x"}),
    row("from scratch: Affine(W, b)", "from_scratch.py::Affine", {"x", "W", "b"}),
    row("from scratch: Dropout", "from_scratch.py::Dropout", {"x"}),
    row("from scratch: BatchNormalization(gamma, beta)", "from_scratch.py::BatchNormalization",
        {"x", "gamma", "beta"}),
    row("from scratch: Convolution(W, b)", "from_scratch.py::Convolution", {"x", "W", "b"}),
    row("from scratch: Pooling", "from_scratch.py::Pooling(3,2)", {"x"}),
    row("from scratch: MatMul", "from_scratch_nets.py::MatMul", {"x", "params[0]"}),
    row("from scratch: Embedding", "from_scratch_nets.py::Embedding", {"params[0]"}),
    row("from scratch: Softmax", "from_scratch_nets.py::Softmax", {"x"}),
    row("from scratch: RNN", "from_scratch_nets.py::RNN",
        {"x", "h_prev", "params[0]", "params[1]", "params[2]"}),
    row("from scratch: TimeRNN", "from_scratch_nets.py::TimeRNN",
        {"xs", "params[0]", "params[1]", "params[2]"}),
    row("nnfs: Dense", "nnfs.py::Layer_Dense(3,4)", {"inputs", "weights", "biases"}),
    row("nnfs: Dropout", "nnfs.py::Layer_Dropout(0.3)", {"inputs"}),
    row("nnfs: ReLU", "nnfs.py::Activation_ReLU", {"inputs"}),
    row("nnfs: Softmax", "nnfs.py::Activation_Softmax", {"inputs"}),
    row("nnfs: Sigmoid", "nnfs.py::Activation_Sigmoid", {"inputs"}),
    row("nnfs: cross-entropy", "nnfs.py::Loss_CategoricalCrossentropy", {"y_pred"}),
    row("nnfs: softmax and cross-entropy",
        "nnfs.py::Activation_Softmax_Loss_CategoricalCrossentropy", {"inputs"}),
    row("nnfs: binary cross-entropy", "nnfs.py::Loss_BinaryCrossentropy", {"y_pred"}),
    row("nnfs: squared error", "nnfs.py::Loss_MeanSquaredError", {"y_pred"}),
    row("11-785: Linear", "mytorch.py::Linear(3,4)", {"A", "W", "b"}),
    row("11-785: Sigmoid", "mytorch.py::Sigmoid", {"Z"}),
    row("11-785: Softmax", "mytorch.py::Softmax", {"Z"}),
    row("11-785: MSELoss", "mytorch.py::MSELoss", {"A"}),
    row("11-785: CrossEntropyLoss", "mytorch.py::CrossEntropyLoss", {"A"}),
    row("11-785: BatchNorm1d", "mytorch.py::BatchNorm1d(3)", {"Z", "BW", "Bb"}),
    row("11-785: Conv1d_stride1", "mytorch.py::Conv1d_stride1(2,3,3)", {"A", "W", "b"}),
    row("11-785: GRUCell on vectors", "mytorch.py::GRUCell(3,4)",
        {"x", "h_prev_t", "Wrx", "Wzx", "Wnx", "Wrh", "Wzh", "Wnh"}),
    row("11-785: Flatten", "mytorch.py::Flatten", {"A"}),
    row("11-785: Upsample1d", "mytorch.py::Upsample1d(2)", {"A"}),
    row("a blog: a layer for one sample", "blogs.py::FCLayer(3,4)",
        {"input_data", "weights", "bias"}),
    row("a blog: an activation layer made of two functions", "blogs.py::tanh_layer",
        {"input_data"}),
    row("a blog: Tanh", "blogs.py::Tanh", {"input_data"}),
    row("a blog: tanh and tanh_prime", "blogs.py::tanh", {"x"}),
    row("a blog: mse and mse_prime", "blogs.py::mse", {"y_pred"}),
    row("a blog: a function of a vector and its gradient", "blogs.py::f", {"x"}),
    row("a blog: logistic regression, its bias a number", "blogs.py::LogisticRegression",
        {"w", "b"}),
    row("a net of two functions", "plain_net.py::forward", PARTS),
    row("a blog: Reshape", "blogs.py::Reshape((4,3),(12,1))", {"input"}),
    row("a blog: a convolution that is the first layer", "blogs.py::Conv3x3(2)", {"filters"}),
    row("a blog: max pooling", "blogs.py::MaxPool2", {"input"}),
    row("numpy-ml: ELU", "libraries.py::ELU", {"z"}),
    row("numpy-ml: a layer built at its first call", "libraries.py::FullyConnected(4)",
        {"X", "W", "b"}),
    row("ML-From-Scratch: Dense", "libraries.py::Dense(4,(3,))", {"X", "W", "w0"}),
    row("ML-From-Scratch: CrossEntropy", "libraries.py::CrossEntropy", {"p"}),
    row("ML-From-Scratch: SquareLoss", "libraries.py::SquareLoss", {"y_pred"}),
    row("Keras: build and call", "libraries.py::KerasDense", {"inputs", "kernel", "bias"}),
    row("Parameters with a grad", "libraries.py::LayerNorm(4)", {"x", "gamma", "beta"}),
    row("attention with several heads", "libraries.py::MultiHeadAttention",
        {"x", "Wq", "Wk", "Wv", "Wo"}),
    row("a language model: gelu", "transformers.py::gelu", {"x"}),
    row("a language model: layer norm", "transformers.py::layernorm_forward", {"x", "w", "b"}),
    row("a language model: attention", "transformers.py::attention_forward", {"q", "k", "v"}),
    row("a language model: embedding", "transformers.py::embedding_fwd", {"wte"}),
    row("a language model: cross-entropy", "transformers.py::cross_entropy", {"logits"}),
    row("a language model: SwiGLU", "transformers.py::swiglu", {"x", "w1", "w2"}),
    row("a loss of three", "transformers.py::triplet_loss", {"anchor", "positive", "negative"}),
    row("a language model: RMSNorm", "transformers.py::rmsnorm", {"x", "weight"}),
    row("a Tensor of one's own: Linear", "tensors.py::Linear(3,4)", {"x", "weight", "bias"}),
    row("a Tensor of one's own: MLP", "tensors.py::MLP([3,4,2])", {"x", *MLP}),
    row("a character model, with the line for its inputs", "karpathy.py::lossFun",
        {"hprev", "Wxh", "Whh", "Why", "bh", "by"} - {"hprev"}),
]  # fmt: skip


@pytest.mark.parametrize(("target", "gradients"), RIGHT)
def test_what_is_right_is_recognised_and_agrees(target, gradients):
    found = findings(target)
    assert {f.input: f.message for f in found if not f.ok} == {}
    assert {f.input for f in found} == gradients


THEIRS = [  # code that is taught like this, and that is not the gradient of its forward pass
    row("Coursera: 1/m of the cost stands in the linear layer", "coursera.py::linear_forward",
        {"W": "factor", "b": "factor"}),
    row("from scratch: Relu writes into dout", "from_scratch.py::Relu", {"": "mutates-cotangent"}),
    row("from scratch: 1e-7 inside of the logarithm", "from_scratch.py::SoftmaxWithLoss",
        {"x": "approximate"}),
    row("nnfs: the sign of the absolute error", "nnfs.py::Loss_MeanAbsoluteError",
        {"y_pred": "sign"}),
    row("11-785: gradients that add up until they are set to zero", "mytorch.py::RNNCell(3,4)",
        dict.fromkeys(("W_ih", "W_hh", "b_ih", "b_hh"), "accumulates")),
]  # fmt: skip


@pytest.mark.parametrize(("target", "codes"), THEIRS)
def test_what_is_not_right_as_it_is_taught_is_explained(target, codes):
    assert {f.input: f.code for f in findings(target) if not f.ok} == codes


ASKED = [  # what cannot be checked, and what to write
    row("a net without its cost", "blogs.py::Network([3,4,2])", r"a method loss\(x, y\)"),
    row("a constructor that takes data", "blogs.py::NeuralNetwork", "an instance at module level"),
    row("weights under names made of numbers", "whole_net.py", "gradcheck_inputs"),
    row("a rate", "nnfs.py::Layer_Dropout", r"Layer_Dropout\(0\.5\)"),
    row("a list of sizes", "tensors.py::MLP", r"MLP\(\[3,4,2\]\)"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "asked"), ASKED)
def test_what_is_not_known_is_asked_for(target, asked):
    with pytest.raises(UsageError, match=asked):
        findings(target)


BROKEN = [  # the same with one change, and what is found; "" where any explanation will do
    row("a bias gradient with a kept axis", "cs231n_layers.py::affine_forward",
        "db = np.sum(dout, axis=0)", "db = np.sum(dout, axis=0, keepdims=True)",
        {"b": "kept-axis"}),
    row("a bias gradient that is a mean", "cs231n_layers.py::affine_forward",
        "db = np.sum(dout, axis=0)", "db = np.mean(dout, axis=0)", {"b": "factor"}),
    row("relu without its derivative", "cs231n_layers.py::affine_relu_forward",
        "da = relu_backward(dout, relu_cache)", "da = dout",
        dict.fromkeys("xwb", "missing-activation")),
    row("batch norm without the mean's path", "cs231n_layers.py::batchnorm_forward",
        "+ dmu / N", "", {"x": "missing-path"}),
    row("layer norm with statistics held constant", "cs231n_layers.py::layernorm_forward",
        " - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True)", "",
        {"x": "missing-path"}),
    row("dropout without its scale", "cs231n_layers.py::dropout_forward",
        "dx = dout * mask\n", "dx = dout * (mask > 0)\n", {"x": "factor"}),
    row("windows of a convolution that overwrite", "cs231n_layers.py::conv_forward_naive",
        "dx_pad[n, :, rows, cols] += w[f]", "dx_pad[n, :, rows, cols] = w[f]", {"x": ""}),
    row("windows of a pooling that overwrite", "cs231n_layers.py::max_pool_forward_naive",
        "+= mask", "= mask", {"x": ""}),
    row("an SVM loss without the right class", "cs231n_layers.py::svm_loss",
        "dx[np.arange(N), y] -= num_pos", "pass", {"x": ""}),
    row("a softmax loss not divided by N", "cs231n_layers.py::softmax_loss",
        "dx /= N", "pass", {"x": "factor"}),
    row("an RNN without the path through time", "cs231n_rnn.py::rnn_forward",
        "rnn_step_backward(dh[:, t, :] + dprev_h, cache[t])",
        "rnn_step_backward(dh[:, t, :], cache[t])",
        dict.fromkeys(("x", "h0", "Wx", "Wh", "b"), "")),
    row("an embedding that keeps the last row", "cs231n_rnn.py::word_embedding_forward",
        "np.add.at(dW, x, dout)", "dW[x] = dout", {"W": "overwritten"}),
    row("a forget gate with the wrong sign", "cs231n_rnn.py::lstm_step_forward",
        "dprev_c = dc * f", "dprev_c = -dc * f", {"prev_c": "sign"}),
    row("regularisation without its 2", "cs231n_classifiers.py::svm_loss_naive",
        "dW += 2 * reg * W", "dW += reg * W", {"W": ""}),
    row("weights that get the transposed gradient", "coursera.py::linear_forward",
        "np.dot(dZ, A_prev.T) / m", "np.dot(A_prev, dZ.T)",
        {"W": "transposed", "b": "factor"}),
    row("a cache of the sigmoid taken for its output", "coursera.py::sigmoid",
        "dA * s * (1 - s)", "dA * Z * (1 - Z)", {"Z": "wrong-variable"}),
    row("Affine whose bias gradient is not summed", "from_scratch.py::Affine",
        "np.sum(dout, axis=0)\n        dx = dx", "dout\n        dx = dx", {"b": "missing-sum"}),
    row("columns that overwrite", "from_scratch.py::Convolution",
        ": stride] += col", ": stride] = col", {"x": ""}),
    row("a gradient counted twice", "from_scratch_nets.py::MatMul",
        "dW = np.dot(self.x.T, dout)", "dW = np.dot(self.x.T, dout) * 2",
        {"params[0]": "factor"}),
    row("softmax by its diagonal", "nnfs.py::Activation_Softmax",
        "np.dot(jacobian_matrix, single_dvalues)", "np.diag(jacobian_matrix) * single_dvalues",
        {"inputs": "diagonal"}),
    row("a squared error of the wrong sign", "nnfs.py::Loss_MeanSquaredError",
        "-2 * (y_true", "2 * (y_true", {"y_pred": "sign"}),
    row("Linear with transposed weights", "mytorch.py::Linear(3,3)",
        "dLdA = dLdZ @ self.W", "dLdA = dLdZ @ self.W.T", {"A": "transposed"}),
    row("a kernel that is not flipped", "mytorch.py::Conv1d_stride1(2,3,3)",
        "self.W[:, :, ::-1]", "self.W", {"A": "flipped"}),
    row("weights stepped before they are used", "blogs.py::FCLayer(3,4)",
        "        input_error = np.dot(output_error, self.weights.T)\n"
        "        weights_error = np.dot(self.input.T, output_error)\n"
        "        self.weights -= learning_rate * weights_error\n",
        "        weights_error = np.dot(self.input.T, output_error)\n"
        "        self.weights -= learning_rate * weights_error\n"
        "        input_error = np.dot(output_error, self.weights.T)\n",
        {"input_data": "nonlinear"}),
    row("tanh' of the wrong sign", "blogs.py::tanh",
        "1 - np.tanh(x) ** 2", "np.tanh(x) ** 2 - 1", {"x": "sign"}),
    row("mse' without the mean", "blogs.py::mse",
        "2 * (y_pred - y_true) / y_true.size", "2 * (y_pred - y_true)", {"y_pred": "factor"}),
    row("a layer that forgets its activation", "libraries.py::FullyConnected(4)",
        "dZ = dLdy * self.act_fn.grad(X @ W + b)", "dZ = dLdy",
        dict.fromkeys(("X", "W", "b"), "missing-activation")),
    row("attention that is not scaled", "transformers.py::attention_forward",
        " / np.sqrt(q.shape[-1])\n    return ds", "\n    return ds",
        {"q": "factor", "k": "factor"}),
    row("softmax of attention by its diagonal", "libraries.py::MultiHeadAttention",
        "(dattn - (dattn * self.attn).sum(-1, keepdims=True))", "dattn * (1 - self.attn)",
        {"x": "", "Wq": "", "Wk": ""}),
    row("gelu of another formula", "transformers.py::gelu",
        "(1 + 3 * 0.044715 * x**2)", "(1 + 0.044715 * x**2)", {"x": ""}),
    row("RMSNorm without the path through its size", "transformers.py::rmsnorm",
        "- x * r**3 * (g * x).mean(-1, keepdims=True)", "", {"x": "missing-path"}),
    row("a Tensor that does not sum over samples", "tensors.py::Linear(3,4)",
        "g.sum(axis=tuple(range(extra))) if extra else g", "g", {"bias": "missing-sum"}),
    row("time without the way back", "karpathy.py::lossFun",
        "np.dot(Why.T, dy) + dhnext", "np.dot(Why.T, dy)",
        {"Wxh": "", "Whh": "", "bh": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("target", "line", "instead", "codes"), BROKEN)
def test_one_changed_line_is_found_and_explained(target, line, instead, codes, tmp_path):
    file, _, name = target.partition("::")
    source = (HERE / file).read_text()
    assert source.count(line) >= 1
    for each in HERE.glob("*.py"):
        (tmp_path / each.name).write_text(each.read_text())
    (tmp_path / file).write_text(source.replace(line, instead))
    found = findings(f"{file}::{name}", folder=tmp_path)
    told = {f.input: f.code for f in found if not f.ok}
    assert told.keys() == codes.keys()
    assert {name: told[name] for name, code in codes.items() if code} == {
        name: code for name, code in codes.items() if code
    }
