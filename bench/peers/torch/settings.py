"""How a function is run: eagerly or captured, in which precision, and how long that takes."""

import math
import time

import torch

# Storage of each precision. tf32 stores f32.
STORAGE = {"f32": torch.float32, "tf32": torch.float32, "f16": torch.float16}

# What torch.compile is asked for. The first two are captured here, as `graph` is; the last captures by itself.
COMPILED = {"compile": None, "autotune": "max-autotune-no-cudagraphs", "reduce": "reduce-overhead"}
MODES = ["eager", "graph", *COMPILED]
CAPTURED = ["graph", "compile", "autotune"]

# A captured graph holds so many runs that it lasts this long, so that what lies between two graphs does not count;
# Lanewise's device times passes likewise.
GRAPH_MS = 1.0
MOST_RUNS = 16


def use_precision(dtype):
    """f32 is never rounded on the way to tensor cores; tf32 is, in convolutions and in products."""
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = dtype != "f32"


def memory_format(layout):
    return {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}[layout]


class Setting:
    """A function that is run again and again.

    `call` returns the output of one run, or a list of those of `runs_a_call` runs; what it returned last is `outputs`.
    """

    def __init__(self, call, device, mode, dtype, runs_a_call=1):
        if mode not in MODES:
            raise ValueError(f"there is no mode {mode}")
        if device == "cpu" and mode != "eager":
            raise ValueError(f"the mode {mode} needs a GPU")
        self.device, self.mode, self.dtype = device, mode, dtype
        self.runs_a_call, self.graph = runs_a_call, None
        use_precision(dtype)
        self.call = torch.compile(call, mode=COMPILED[mode]) if mode in COMPILED else call
        self.outputs = self.call()
        if device == "cpu":
            return
        # cuDNN tries its algorithms and compilers do their work in the first runs, which must not be captured.
        torch.cuda.synchronize()
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.run()
        torch.cuda.synchronize()
        if mode in CAPTURED:
            self.capture()

    def capture(self):
        calls = 1
        if self.runs_a_call == 1:
            took = self.elapsed_ms(3) / 3
            calls = max(1, min(MOST_RUNS, math.ceil(GRAPH_MS / max(took, 1e-3))))
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(calls):
                self.outputs = self.call()
        self.graph = graph
        self.runs_a_call *= calls
        self.graph.replay()
        torch.cuda.synchronize()

    def run(self):
        if self.graph:
            self.graph.replay()
            return
        if self.mode == "reduce":
            # Its outputs lie in memory of its own graphs, which the next run writes again.
            self.outputs = None
            torch.compiler.cudagraph_mark_step_begin()
        self.outputs = self.call()

    def elapsed_ms(self, runs):
        """Milliseconds of `runs` runs, behind one that does not count, so that the GPU is at work when they begin."""
        use_precision(self.dtype)
        calls = math.ceil(runs / self.runs_a_call)
        share = runs / (calls * self.runs_a_call)
        self.run()
        if self.device == "cpu":
            start = time.perf_counter()
            for _ in range(calls):
                self.run()
            return (time.perf_counter() - start) * 1e3 * share
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(calls):
            self.run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * share
