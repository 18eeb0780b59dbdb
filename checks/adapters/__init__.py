"""People's unchanged code, in any of the usual calling conventions, as a `Function` to check.

Read in this order:

request.py     what a convention is asked: someone's object, and what is known about feeding it
load.py        a target such as `path/file.py::Name`, and the object that it names
importing.py   importing a file whatever it does; timing.py: a time limit
recognise.py   the conventions in order; a file without a name
names.py       the names that people give to passes, parameters and gradients
inputs.py      the arrays: given, from a hook, of given shapes, or guessed
draw.py        random arrays of a shape; guesses.py: which shapes usually fit together

The conventions, each with `adapt(request) -> Function | None`:

pairs.py       `f_forward(x, w) -> (out, cache)` with `f_backward(dout, cache)`, and without cache
               companions.py: which functions belong together; wiring.py: what the arguments of
               backward are; gradients.py: which gradient is whose; pair_session.py: calling them
scalar.py      an element-wise function and its derivative; scalar_find.py: where it is
classes.py     classes with forward and backward; class_*.py and parameters.py: their parts
losses.py      losses with their gradients; loss_*.py: their parts
ctx.py         `forward(ctx, x)` and `backward(ctx, grad)`
torch_*.py     torch functions and modules, jax_functions.py: `jax.custom_vjp`; imported late
source.py      what the source of a function says, for all of them
"""
