"""Single layers with cold caches: so many copies of all tensors that none is left in a cache when its turn comes again."""

import math

import torch
from torch.nn import functional as F

from settings import COMPILED, STORAGE, Setting, memory_format, use_precision

# As Lanewise's own measurements have it: bytes that a walk over all copies touches, and the most copies.
COLD_BYTES = 400e6
MOST_COPIES = 256

# As src/study/check-fill.ts has it: numbers of size 0.5 to 1 and either sign that the host can compute one by one.
KEEP, EXPONENT, WORD = 0x807FBFFF, 0x3F000000, 0xFFFFFFFF


def filled(count, storage, device):
    """The first elements of a buffer that Lanewise's checks would fill."""
    words = count if storage == torch.float32 else (count + 1) // 2
    index = torch.arange(words, dtype=torch.int64, device=device)
    state = (index * 747796405 + 2891336453) & WORD
    word = (((state >> ((state >> 28) + 4)) ^ state) * 277803737) & WORD
    bits = (((word >> 22) ^ word) & KEEP) | EXPONENT
    signed = torch.where(bits > 0x7FFFFFFF, bits - (WORD + 1), bits).to(torch.int32)
    return signed.view(storage)[:count]


def conv(layer):
    stride = layer["stride"]
    return lambda x, w, b: F.conv2d(x, w, b, stride)


def max_pool(layer):
    window, stride = layer["window"], layer["stride"]
    return lambda x: F.max_pool2d(x, window, stride)


def softmax(layer):
    return lambda x: F.softmax(x, 1)


def to_nchw(layer):
    """The input is [C, H, W, N] in memory."""
    return lambda x: x.permute(3, 0, 1, 2).contiguous()


KINDS = {"conv": conv, "pool": max_pool, "softmax": softmax, "transform": to_nchw}


class LayerSubject:
    """`layer` has the kind, its parameters, and the dims of its inputs as they lie in memory."""

    def __init__(self, layer, device, mode, layout, dtype):
        storage = STORAGE[dtype]
        run = KINDS[layer["kind"]](layer)
        use_precision(dtype)
        if mode in COMPILED:
            # The layer is compiled, not the walk over its copies.
            run = torch.compile(run, mode=COMPILED[mode])
        inputs = [filled(math.prod(dims), storage, device).reshape(dims) for dims in layer["inputs"]]
        if layout == "channels_last":
            inputs = [x.contiguous(memory_format=memory_format(layout)) if x.dim() == 4 else x for x in inputs]
        touched = [*inputs, run(*inputs)]
        size = sum(tensor.numel() * tensor.element_size() for tensor in touched)
        del touched
        copies = 1 if device == "cpu" else max(1, min(MOST_COPIES, math.ceil(COLD_BYTES / size)))
        # `clone` keeps the memory format.
        self.inputs = [inputs, *([x.clone() for x in inputs] for _ in range(copies - 1))]
        # A captured walk writes outputs of their own; run eagerly, the allocator would hand out the same one again.
        self.setting = Setting(Walk(run, self.inputs), device, "graph" if mode in COMPILED else mode, dtype, copies)

    def elapsed_ms(self, runs):
        return self.setting.elapsed_ms(runs)

    def answers_at(self, indices):
        """Elements of the output of the walk's last layer, by their places in logical order."""
        self.setting.run()
        flat = self.setting.outputs[-1].contiguous().flatten()
        values = flat[torch.tensor(indices, device=flat.device)].double().cpu().tolist()
        # JSON has no NaN.
        return [value if math.isfinite(value) else None for value in values]


class Walk:
    def __init__(self, run, inputs):
        self.run, self.inputs = run, inputs

    def __call__(self):
        return [self.run(*copy) for copy in self.inputs]
