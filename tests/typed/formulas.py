"""Formulas as people would type them: what a course on neural networks teaches, line by line."""

from layers.tables import row

EPS = ["eps > 0"]
SCORES = "S[t,u] = sum(Q[t,d]*K[u,d], d)/sqrt(size(d))"
HEADS = "S[h,t,u] = sum(Q[h,t,d]*K[h,u,d], d)/sqrt(size(d))"
DENSE = "P[n,c] = exp(X[n,c])/sum(exp(X[n,k]), k)"

# Formulas, facts about them.
LINEAR = [
    row("linear, samples in rows", "Y[s,n] = sum(X[s,m]*W[n,m], m) + b[n]", []),
    row("linear, samples in columns", "Y[n,s] = sum(W[n,m]*X[m,s], m) + b[n]", []),
    row("linear, weights in by out", "Y[s,n] = sum(X[s,m]*W[m,n], m) + b[n]", []),
    row("linear, one sample", "y[n] = sum(W[n,m]*x[m], m) + b[n]", []),
    row("linear, a sequence", "Y[b,t,n] = sum(X[b,t,m]*W[n,m], m)", []),
    row("scale and shift", "Y[n,c] = X[n,c]*g[c] + b[c]", []),
    row("outer product", "Y[i,j] = a[i]*b[j]", []),
    row("dot product", "y = sum(a[i]*b[i], i)", []),
    row("bilinear layer", "y[n,k] = sum(x[n,i]*A[k,i,j]*z[n,j], i, j) + b[k]", []),
    row("bilinear form", "y = sum(x[i]*A[i,j]*z[j], i, j)", []),
    row("quadratic form", "y = sum(x[i]*A[i,j]*x[j], i, j)", []),
    row("quadratic form, symmetric", "y = sum(x[i]*A[i,j]*x[j], i, j)/2", ["A[i,j] = A[j,i]"]),
    row("matrix factorisation", "L = sum((R[u,v] - sum(U[u,f]*V[v,f], f))**2, u, v)", []),
    row("masked factorisation",
        "L = sum(M[u,v]*(R[u,v] - sum(U[u,f]*V[v,f], f))**2, u, v) + a*sum(U[u,f]**2, u, f)", []),
    row("factorisation machine",
        "y[n] = w0 + sum(w[i]*X[n,i], i)"
        " + sum(sum(V[i,f]*X[n,i], i)**2 - sum(V[i,f]**2*X[n,i]**2, i), f)/2", []),
    row("three layers", "H1[s,i] = tanh(sum(X[s,m]*W1[i,m], m) + b1[i]);"
        "H2[s,j] = tanh(sum(H1[s,i]*W2[j,i], i) + b2[j]);"
        "Y[s,k] = sum(H2[s,j]*W3[k,j], j) + b3[k]", []),
    row("residual block", "H[s,k] = relu(sum(X[s,m]*A[k,m], m) + a[k]);"
        "Y[s,m] = X[s,m] + sum(H[s,k]*B[m,k], k) + b[m]", []),
    row("gated linear unit", "A[s,n] = sum(X[s,m]*W[n,m], m); B[s,n] = sum(X[s,m]*V[n,m], m);"
        "Y[s,n] = A[s,n]*sigmoid(B[s,n])", []),
    row("highway", "g[i] = sigmoid(sum(W[i,j]*x[j], j)); y[i] = g[i]*tanh(x[i]) + (1-g[i])*x[i]",
        []),
]  # fmt: skip

ACTIVATIONS = [
    row("tanh", "Y[i] = tanh(X[i])", []),
    row("sigmoid", "Y[i] = sigmoid(X[i])", []),
    row("sigmoid written out", "Y[i] = 1/(1 + exp(-X[i]))", []),
    row("relu", "Y[s,n] = relu(X[s,n])", []),
    row("relu by max", "Y[s,n] = max(0, X[s,n])", []),
    row("leaky relu", "Y[i] = max(X[i], 0) + 0.01*min(X[i], 0)", []),
    row("PReLU", "Y[s,c] = relu(X[s,c]) - a[c]*relu(-X[s,c])", []),
    row("GELU, tanh form", "Y[i] = X[i]/2*(1 + tanh(c*(X[i] + 0.044715*X[i]**3)))", []),
    row("GELU, sigmoid form", "Y[i] = X[i]*sigmoid(1.702*X[i])", []),
    row("SiLU", "Y[i] = X[i]*sigmoid(X[i])", []),
    row("swish", "Y[i] = X[i]*sigmoid(b*X[i])", []),
    row("mish", "Y[i] = X[i]*tanh(softplus(X[i]))", []),
    row("ELU", "Y[i] = step(X[i])*X[i] + a*(1 - step(X[i]))*(exp(X[i]) - 1)", []),
    row("softplus", "Y[i] = softplus(X[i])", []),
    row("softplus written out", "Y[i] = log(1 + exp(X[i]))", []),
    row("softsign", "Y[i] = X[i]/(1 + abs(X[i]))", []),
    row("hard tanh", "Y[i] = max(-1, min(1, X[i]))", []),
    row("power", "Y[i] = 3*X[i]**3 - X[i]**2 + 2*X[i] - 1", []),
    row("unknown function", "Y[s,n] = f(sum(X[s,m]*W[n,m], m))", []),
]

SOFTMAX = [
    row("softmax", DENSE, []),
    row("softmax of one vector", "p[i] = exp(x[i])/sum(exp(x[j]), j)", []),
    row("softmax in columns", "P[c,n] = exp(X[c,n])/sum(exp(X[k,n]), k)", []),
    row("softmax with temperature", "P[n,c] = exp(X[n,c]/tau)/sum(exp(X[n,k]/tau), k)",
        ["tau > 0"]),
    row("softmax with names", "e[n,c] = exp(X[n,c]); Z[n] = sum(e[n,k], k); P[n,c] = e[n,c]/Z[n]",
        []),
    row("log-softmax", "Y[n,c] = X[n,c] - log(sum(exp(X[n,k]), k))", []),
    row("log of softmax", "Y[n,c] = log(exp(X[n,c])/sum(exp(X[n,k]), k))", []),
    row("log-sum-exp", "y[n] = log(sum(exp(X[n,k]), k))", []),
    row("sparse attention weights", "P[t,u] = M[t,u]*exp(S[t,u])/sum(M[t,v]*exp(S[t,v]), v)", []),
    row("masked softmax, a factor", "Z[t] = sum(exp(S[t,u])*(u<=t), u);"
        "P[t,u] = exp(S[t,u])*(u<=t)/Z[t]", []),
    row("masked softmax, a range", "P[t,u] = (u<=t)*exp(S[t,u])/sum(exp(S[t,w]), (w, 0, t))", []),
]  # fmt: skip

LOSSES = [
    row("cross entropy, labels",
        "L = -mean(log(exp(z[s,y[s]])/sum(exp(z[s,k]), k)), s)", []),
    row("cross entropy, labels, from logits",
        "L = mean(log(sum(exp(z[s,k]), k)) - z[s,y[s]], s)", []),
    row("cross entropy, two steps", f"{DENSE}; L = -sum(log(P[n,y[n]]), n)/size(n)", []),
    row("cross entropy, dense", f"{DENSE}; L = -sum(T[n,c]*log(P[n,c]), n, c)",
        ["sum(T[n,c], c) = 1"]),
    row("cross entropy, dense, no fact", f"{DENSE}; L = -sum(T[n,c]*log(P[n,c]), n, c)", []),
    row("cross entropy, label smoothing",
        "Y[n,c] = X[n,c] - log(sum(exp(X[n,k]), k));"
        "L = -mean((1-a)*Y[n,t[n]] + a*mean(Y[n,c], c), n)", []),
    row("cross entropy, weighted", f"{DENSE}; L = -sum(w[y[n]]*log(P[n,y[n]]), n)", []),
    row("binary cross entropy",
        "L = -mean(t[n]*log(p[n]) + (1-t[n])*log(1-p[n]), n)", ["p[n] > 0"]),
    row("binary cross entropy, logits",
        "p[n] = sigmoid(z[n]); L = -mean(t[n]*log(p[n]) + (1-t[n])*log(1-p[n]), n)", []),
    row("binary cross entropy, stable", "L = mean(softplus(z[n]) - t[n]*z[n], n)", []),
    row("focal loss", "p[n] = sigmoid(z[n]); L = -mean((1-p[n])**2*log(p[n]), n)", []),
    row("logistic regression",
        "L = mean(softplus(-y[n]*sum(w[i]*X[n,i], i)), n) + lam/2*sum(w[i]**2, i)", []),
    row("mean squared error", "L = mean((Y[s,n] - T[s,n])**2, s, n)", []),
    row("least squares", "L = sum((sum(X[n,i]*w[i], i) - y[n])**2, n)/2", []),
    row("ridge", "L = sum((sum(X[n,i]*w[i], i) - y[n])**2, n)/2 + lam/2*sum(w[i]**2, i)", []),
    row("L1", "L = mean(abs(Y[s,n] - T[s,n]), s, n)", []),
    row("Huber", "e[n] = y[n] - t[n]; a[n] = abs(e[n]);"
        "L = mean(a[n]**2/2 - relu(a[n] - d)**2/2, n)", []),
    row("hinge", "L = mean(relu(1 - t[n]*y[n]), n)", []),
    row("multiclass hinge", "L = sum(relu(1 + z[n,c] - z[n,y[n]])*(1 - delta(y[n],c)), n, c)", []),
    row("KL of two softmaxes",
        "p[i] = exp(a[i])/sum(exp(a[j]), j); q[i] = exp(b[i])/sum(exp(b[j]), j);"
        "L = sum(p[i]*log(p[i]/q[i]), i)", []),
    row("KL of Gaussians", "L = -sum(1 + s[n] - m[n]**2 - exp(s[n]), n)/2", []),
    row("cosine similarity",
        "c = sum(x[i]*y[i], i)/(sqrt(sum(x[i]**2, i))*sqrt(sum(y[i]**2, i)))", []),
    row("cosine similarity, batch",
        "a[n] = sqrt(sum(X[n,i]**2, i)); b[n] = sqrt(sum(Y[n,i]**2, i));"
        "c[n] = sum(X[n,i]*Y[n,i], i)/(a[n]*b[n])", []),
    row("triplet", "L = sum(relu(sum((a[n,i] - p[n,i])**2, i) - sum((a[n,i] - q[n,i])**2, i) + m),"
        " n)", []),
    row("contrastive", "S[i,j] = sum(Z[i,d]*U[j,d], d)/tau;"
        "L = -mean(S[i,i] - log(sum(exp(S[i,j]), j)), i)", ["tau > 0"]),
    row("Gaussian likelihood", "L = sum((x[n] - m[n])**2/(2*s[n]**2) + log(s[n]), n)",
        ["s[n] > 0"]),
    row("Gaussian likelihood, full",
        "L = sum((x[n,i] - m[i])*A[i,j]*(x[n,j] - m[j]), n, i, j)/2", ["A[i,j] = A[j,i]"]),
    row("total variation", "L = sum((x[t+1] - x[t])**2, t)", []),
    row("L2 distances", "D2[i,j] = sum((X[i,d] - Y[j,d])**2, d)", []),
    row("RBF kernel", "K[i,j] = exp(-g*sum((X[i,d] - Y[j,d])**2, d))", []),
    row("policy gradient", f"{DENSE}; L = -sum(R[n]*log(P[n,a[n]]), n)", []),
]  # fmt: skip

NORMS = [
    row("layer norm", "m[s] = mean(X[s,c], c); v[s] = mean((X[s,c] - m[s])**2, c);"
        "xh[s,c] = (X[s,c] - m[s])/sqrt(v[s] + eps); Y[s,c] = g[c]*xh[s,c] + b[c]", EPS),
    row("layer norm in one line",
        "Y[s,n] = g[n]*(X[s,n] - mean(X[s,k], k))"
        "/sqrt(mean((X[s,k] - mean(X[s,l], l))**2, k) + eps) + b[n]", EPS),
    row("layer norm without eps", "m[s] = mean(X[s,c], c); v[s] = mean((X[s,c] - m[s])**2, c);"
        "Y[s,c] = (X[s,c] - m[s])/sqrt(v[s])", []),
    row("batch norm", "m[c] = mean(X[n,c], n); v[c] = mean((X[n,c] - m[c])**2, n);"
        "xh[n,c] = (X[n,c] - m[c])/sqrt(v[c] + eps); Y[n,c] = g[c]*xh[n,c] + b[c]", EPS),
    row("batch norm of images", "m[c] = mean(X[n,c,h,w], n, h, w);"
        "v[c] = mean((X[n,c,h,w] - m[c])**2, n, h, w);"
        "Y[n,c,h,w] = g[c]*(X[n,c,h,w] - m[c])/sqrt(v[c] + eps) + b[c]", EPS),
    row("instance norm", "m[n,c] = mean(X[n,c,t], t); v[n,c] = mean((X[n,c,t] - m[n,c])**2, t);"
        "Y[n,c,t] = (X[n,c,t] - m[n,c])/sqrt(v[n,c] + eps)", EPS),
    row("group norm", "m[n,g] = mean(X[n,g,c,t], c, t);"
        "v[n,g] = mean((X[n,g,c,t] - m[n,g])**2, c, t);"
        "Y[n,g,c,t] = (X[n,g,c,t] - m[n,g])/sqrt(v[n,g] + eps)*a[g,c] + b[g,c]", EPS),
    row("RMS norm", "Y[s,c] = g[c]*X[s,c]/sqrt(mean(X[s,k]**2, k) + eps)", EPS),
    row("RMS norm with a name", "r[s] = sqrt(mean(X[s,k]**2, k) + eps); Y[s,c] = g[c]*X[s,c]/r[s]",
        EPS),
    row("L2 normalisation", "Y[s,c] = X[s,c]/sqrt(sum(X[s,k]**2, k))", []),
    row("weight norm", "r[n] = sqrt(sum(V[n,k]**2, k)); W[n,m] = g[n]*V[n,m]/r[n];"
        "Y[s,n] = sum(X[s,m]*W[n,m], m)", []),
    row("centring", "Y[n,c] = X[n,c] - mean(X[m,c], m)", []),
    row("standard deviation", "m[c] = mean(X[n,c], n); s[c] = sqrt(mean((X[n,c] - m[c])**2, n))",
        []),
    row("covariance", "m[i] = mean(X[n,i], n);"
        "C[i,j] = sum((X[n,i] - m[i])*(X[n,j] - m[j]), n)/(size(n))", []),
    row("dropout", "Y[n,c] = X[n,c]*M[n,c]/(1 - p)", []),
]  # fmt: skip

WINDOWS = [
    row("convolution", "Y[t] = sum(w[k]*X[t+k], k)", []),
    row("convolution with channels",
        "Y[n,o,t] = sum(W[o,c,k]*X[n,c,t+k], c, k) + b[o]", []),
    row("convolution with a stride", "Y[o,t] = sum(W[o,c,k]*X[c,2*t+k], c, k)", []),
    row("convolution with any stride and padding",
        "Y[o,t] = sum(W[o,c,k]*X[c,s*t+k-p], c, k)", ["padded(X)"]),
    row("dilated convolution", "Y[t] = sum(w[k]*X[t+3*k], k)", []),
    row("causal convolution", "Y[t] = sum(w[k]*X[t-k], k)", ["padded(X)"]),
    row("convolution of images",
        "Y[o,i,j] = sum(W[o,c,u,v]*X[c,i+u,j+v], c, u, v) + b[o]", []),
    row("convolution of images, padded, strided",
        "Y[o,i,j] = sum(W[o,c,u,v]*X[c,2*i+u-1,2*j+v-1], c, u, v)", ["padded(X)"]),
    row("depthwise convolution", "Y[c,t] = sum(W[c,k]*X[c,t+k], k)", []),
    row("pointwise convolution", "Y[o,i,j] = sum(W[o,c]*X[c,i,j], c)", []),
    row("transposed convolution", "Y[t] = sum(w[k]*X[u]*delta(t, 2*u+k), u, k)", []),
    row("average pooling", "Y[c,t] = mean(X[c,3*t+k], k)", []),
    row("global average pooling", "Y[n,c] = mean(X[n,c,h,w], h, w)", []),
    row("moving average", "Y[t] = mean(X[t+k], k)", []),
    row("cumulative sum", "Y[t] = sum(X[u], (u, 0, t))", []),
    row("cumulative sum by a mask", "Y[t] = sum(X[u]*(u <= t), u)", []),
    row("cumulative mean", "Y[t] = sum(X[u], (u, 0, t))/(c[t])", []),
    row("triangular sum", "y = sum(A[i,j]*x[i]*x[j], i, (j, 0, i))", []),
    row("differences", "Y[t] = X[t+1] - X[t]", []),
    row("upper pairs", "y = sum((x[i]-x[j])**2*(i < j), i, j)", []),
]  # fmt: skip

LOOKUPS = [
    row("embedding", "Y[s,d] = E[w[s],d]", []),
    row("embedding bag", "Y[s,d] = mean(E[w[s,t],d], t)", []),
    row("embedding and position", "Y[n,t,d] = E[w[n,t],d] + P[t,d]", []),
    row("gather", "Y[n] = X[n,a[n]]", []),
    row("scatter", "Y[v,d] = sum(delta(w[s],v)*X[s,d], s)", []),
    row("skip-gram", "L = -sum(log(sigmoid(sum(U[a[n],d]*V[b[n],d], d))), n)", []),
    row("graph convolution", "H[v,d] = sum(A[v,u]*X[u,d], u);"
        "Y[v,e] = relu(sum(H[v,d]*W[d,e], d))", []),
    row("message passing", "Y[v,d] = sum(delta(b[e],v)*X[a[e],d]*w[e], e)", []),
]  # fmt: skip

ATTENTION = [
    row("attention", f"{SCORES}; P[t,u] = exp(S[t,u])/sum(exp(S[t,w]), w);"
        "Y[t,e] = sum(P[t,u]*V[u,e], u)", []),
    row("attention in one line",
        "Y[t,e] = sum(exp(sum(Q[t,d]*K[u,d], d)/sqrt(size(d)))*V[u,e], u)"
        "/sum(exp(sum(Q[t,d]*K[u,d], d)/sqrt(size(d))), u)", []),
    row("causal attention",
        f"{SCORES}; P[t,u] = exp(S[t,u])*(u <= t)/sum(exp(S[t,w]), (w, 0, t));"
        "Y[t,e] = sum(P[t,u]*V[u,e], u)", []),
    row("causal attention, a masked sum",
        f"{SCORES}; P[t,u] = (u<=t)*exp(S[t,u])/sum((w<=t)*exp(S[t,w]), w);"
        "Y[t,e] = sum(P[t,u]*V[u,e], u)", []),
    row("multi-head attention",
        f"{HEADS}; P[h,t,u] = exp(S[h,t,u])/sum(exp(S[h,t,w]), w);"
        "O[h,t,e] = sum(P[h,t,u]*V[h,u,e], u); Y[t,o] = sum(O[h,t,e]*W[o,h,e], h, e)", []),
    row("cross attention from embeddings",
        "Q[t,d] = sum(X[t,m]*A[d,m], m); K[u,d] = sum(C[u,m]*B[d,m], m);"
        f"{SCORES}; P[t,u] = exp(S[t,u])/sum(exp(S[t,w]), w);"
        "V[u,e] = sum(C[u,m]*G[e,m], m); Y[t,e] = sum(P[t,u]*V[u,e], u)", []),
    row("self-attention", "Q[t,d] = sum(X[t,m]*A[d,m], m); K[t,d] = sum(X[t,m]*B[d,m], m);"
        "V[t,e] = sum(X[t,m]*C[e,m], m);"
        f"{SCORES}; P[t,u] = exp(S[t,u])/sum(exp(S[t,w]), w); Y[t,e] = sum(P[t,u]*V[u,e], u)", []),
    row("linear attention", "A[d,e] = sum(K[u,d]*V[u,e], u); Y[t,e] = sum(Q[t,d]*A[d,e], d)", []),
    row("additive attention", "s[t] = sum(v[k]*tanh(sum(W[k,m]*H[t,m], m) + q[k]), k);"
        "a[t] = exp(s[t])/sum(exp(s[u]), u); c[m] = sum(a[t]*H[t,m], t)", []),
    row("rotary-free relative bias", "S[t,u] = sum(Q[t,d]*K[u,d], d) + b[t,u];"
        "P[t,u] = exp(S[t,u])/sum(exp(S[t,w]), w); Y[t,e] = sum(P[t,u]*V[u,e], u)", []),
]  # fmt: skip

RECURSIONS = [
    row("leaky integrator", "h[t] = a*h[t-1] + x[t]; h[-1] = 0", []),
    row("RNN", "h[t,i] = tanh(sum(W[i,k]*h[t-1,k], k) + sum(U[i,m]*x[t,m], m) + b[i]);"
        "h[-1,i] = h0[i]", []),
    row("RNN with an output", "h[t,i] = tanh(sum(W[i,k]*h[t-1,k], k) + sum(U[i,m]*x[t,m], m));"
        "h[-1,i] = 0; y[t,o] = sum(V[o,i]*h[t,i], i)", []),
    row("RNN of a batch",
        "h[t,n,i] = tanh(sum(W[i,k]*h[t-1,n,k], k) + x[t,n,i]); h[-1,n,i] = 0", []),
    row("GRU",
        "z[t,i] = sigmoid(sum(Wz[i,k]*h[t-1,k], k) + xz[t,i]);"
        "r[t,i] = sigmoid(sum(Wr[i,k]*h[t-1,k], k) + xr[t,i]);"
        "n[t,i] = tanh(r[t,i]*sum(Wn[i,k]*h[t-1,k], k) + xn[t,i]);"
        "h[t,i] = (1-z[t,i])*n[t,i] + z[t,i]*h[t-1,i]; h[-1,i] = 0", []),
    row("LSTM",
        "i[t,j] = sigmoid(sum(A[j,k]*h[t-1,k], k) + a[t,j]);"
        "f[t,j] = sigmoid(sum(B[j,k]*h[t-1,k], k) + b[t,j]);"
        "o[t,j] = sigmoid(sum(C[j,k]*h[t-1,k], k) + e[t,j]);"
        "g[t,j] = tanh(sum(E[j,k]*h[t-1,k], k) + q[t,j]);"
        "c[t,j] = f[t,j]*c[t-1,j] + i[t,j]*g[t,j]; c[-1,j] = 0;"
        "h[t,j] = o[t,j]*tanh(c[t,j]); h[-1,j] = 0", []),
    row("diagonal SSM", "h[t,i] = a[i]*h[t-1,i] + b[i]*u[t]; h[-1,i] = 0;"
        "y[t] = sum(c[i]*h[t,i], i)", []),
    row("selective SSM", "h[t,i] = a[t,i]*h[t-1,i] + b[t,i]*u[t]; h[-1,i] = 0;"
        "y[t] = sum(c[t,i]*h[t,i], i) + d*u[t]", []),
    row("exponential moving average", "m[t] = b*m[t-1] + (1-b)*g[t]; m[-1] = 0", []),
    row("RNN to the left", "h[t,i] = tanh(sum(W[i,k]*h[t+1,k], k) + x[t,i]); h[size(t),i] = 0",
        []),
    row("RNN, loss at the end", "h[t,i] = tanh(sum(W[i,k]*h[t-1,k], k) + x[t,i]); h[-1,i] = h0[i];"
        "L = sum((h[size(t)-1,i] - y[i])**2, i)/2", []),
]  # fmt: skip

LAYERS = [
    *LINEAR, *ACTIVATIONS, *SOFTMAX, *LOSSES, *NORMS, *WINDOWS, *LOOKUPS, *ATTENTION, *RECURSIONS,
]  # fmt: skip
