"""Functions of jax with a rule of their own. They need jax to be installed.

    gradcheck docs/examples/jax_custom_vjp.py::softplus
    gradcheck docs/examples/jax_custom_vjp.py::dense --shape x=4,3 --shape w=3,5

softplus is right. dense is wrong [missing-activation]: the derivative of tanh is missing in its
backward pass.
"""

import jax
import jax.numpy as jnp


@jax.custom_vjp
def softplus(x):
    return jnp.logaddexp(x, 0.0)


def softplus_fwd(x):
    return softplus(x), x


def softplus_bwd(x, g):
    return (g * jax.nn.sigmoid(x),)


@jax.custom_vjp
def dense(x, w):
    return jnp.tanh(x @ w)


def dense_fwd(x, w):
    return dense(x, w), (x, w)


def dense_bwd(saved, g):
    x, w = saved
    return g @ w.T, x.T @ g


softplus.defvjp(softplus_fwd, softplus_bwd)
dense.defvjp(dense_fwd, dense_bwd)
