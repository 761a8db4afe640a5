#!/usr/bin/env python3
"""How fast the f32 products of other libraries are at our shapes: numpy's (OpenBLAS) and PyTorch's (MKL), the best of several runs.

    python docs/performance/sgemm.py --threads 2

They stand beside the head of `cargo xtask bench`, which measures the processor's own limit and our product.
"""
import argparse, os, sys, time

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--threads", type=int, default=2)
p.add_argument("--runs", type=int, default=5)
o = p.parse_args()
# Read when the libraries are loaded.
os.environ.update({name: str(o.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
import numpy as np

# A square product; the table products of a Sports step, both ways; scores of 2,048 users; a tile row of the item kNN.
SHAPES = [(2048, 2048, 2048), (3072, 3072, 3072), (18357, 4096, 64), (64, 18357, 4096), (2048, 64, 18357), (1024, 4096, 18357)]


def numpy_product(a, b):
    c = np.empty((a.shape[0], b.shape[1]), np.float32)
    return lambda: np.matmul(a, b, out=c)


def torch_product(a, b):
    import torch
    torch.set_num_threads(o.threads)
    a, b = torch.from_numpy(a), torch.from_numpy(b)
    c = torch.empty((a.shape[0], b.shape[1]))
    return lambda: torch.mm(a, b, out=c)


def best(run):
    run()
    taken = []
    for _ in range(o.runs):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)


def name_of_blas():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{blas['name']} {blas['version']}"


def main():
    libraries = [(f"numpy {np.__version__} ({name_of_blas()})", numpy_product)]
    try:
        import torch
        mkl = "MKL" if torch.backends.mkl.is_available() else "no MKL"
        libraries.append((f"PyTorch {torch.__version__} ({mkl})", torch_product))
    except ImportError:
        print("PyTorch is not installed: numpy alone", file=sys.stderr)
    print(f"GF/s of f32 products, {o.threads} threads, the best of {o.runs} runs\n")
    print("| m x k x n | " + " | ".join(name for name, _ in libraries) + " |\n|---|" + "---|" * len(libraries))
    rng = np.random.default_rng(1)
    for m, k, n in SHAPES:
        a, b = (rng.standard_normal(shape, np.float32) for shape in ((m, k), (k, n)))
        rates = [2 * m * k * n / best(make(a, b)) / 1e9 for _, make in libraries]
        print(f"| {m:,} x {k:,} x {n:,} | " + " | ".join(f"{rate:.0f}" for rate in rates) + " |")


if __name__ == "__main__":
    main()
