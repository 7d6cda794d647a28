"""Times the networks by name in PyTorch on one CUDA GPU, by the rules of run.js.

    python3 bench/peers/torch_bench.py [--only lenet,vgg16] [--batches 1,32] [--dtype fp32,tf32,fp16]
      [--modes eager,graph] [--formats nchw,channels_last] [--rounds 15] [--json FILE]

A sample is so many runs that they take 20 ms, between two CUDA events, divided by their number; settings are interleaved
in rounds after a second of warm-up each; printed are medians with quartiles in microseconds. `eager` launches kernel by
kernel, `graph` replays a captured CUDA graph, `compile` is torch.compile, replayed as a graph too. Weights are random and
seeded, not those of Lanewise; answers of every setting are compared with those of fp32 in NCHW.
"""

import argparse
import json
import math
import pathlib
import statistics

import torch
from torch import nn

# Relative error in the Euclidean norm beyond which a setting's answers are wrong.
TOLERANCE = {"fp32": 1e-3, "tf32": 5e-2, "fp16": 5e-2}


def conv(inputs, outputs, kernel, stride=1, pad=0):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, pad), nn.ReLU(inplace=True))


def pool(kernel, stride, pad=0, ceil=False):
    return nn.MaxPool2d(kernel, stride, pad, ceil_mode=ceil)


def classifier(inputs, *units):
    layers = []
    for width in units:
        layers += [nn.ReLU(inplace=True), nn.Linear(inputs, width)]
        inputs = width
    return nn.Sequential(nn.Flatten(), *layers[1:], nn.Softmax(dim=1))


def plain(channels, convs, *units):
    """Convolutions as (channels, kernel, stride, pad), poolings as modules, then fully connected layers."""
    layers, inputs = [], channels
    for layer in convs:
        if isinstance(layer, tuple):
            layers.append(conv(inputs, *layer))
            inputs = layer[0]
        else:
            layers.append(layer)
    return nn.Sequential(*layers, classifier(*units))


CIFAR10 = [(64, 5, 1, 2), pool(3, 2, ceil=True)] * 2
ALEXNET = [(96, 11, 4, 2), pool(3, 2), (192, 5, 1, 2), pool(3, 2)]
ALEXNET += [(384, 3, 1, 1), (256, 3, 1, 1), (256, 3, 1, 1), pool(3, 2)]
ZFNET = [(96, 7, 2, 1), pool(3, 2, 1), (256, 5, 2), pool(3, 2, 1)]
ZFNET += [(384, 3, 1, 1), (384, 3, 1, 1), (256, 3, 1, 1), pool(3, 2)]


def vgg16():
    blocks = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
    convs = [layer for width, count in blocks for layer in [(width, 3, 1, 1)] * count + [pool(2, 2)]]
    return plain(3, convs, 512 * 49, 4096, 4096, 1000)


def normalised(inputs, outputs, kernel, stride=1, pad=0, group=1, activation=None):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, pad, groups=group, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.body = nn.Sequential(
            normalised(inputs, width, 1, activation=nn.ReLU),
            normalised(width, width, 3, stride, 1, activation=nn.ReLU),
            normalised(width, 4 * width, 1),
        )
        same = stride == 1 and inputs == 4 * width
        self.shortcut = nn.Identity() if same else normalised(inputs, 4 * width, 1, stride)

    def forward(self, x):
        return torch.relu_(self.body(x) + self.shortcut(x))


def resnet50():
    layers, channels = [normalised(3, 64, 7, 2, 3, activation=nn.ReLU), pool(3, 2, 1)], 64
    for width, blocks, first_stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for i in range(blocks):
            layers.append(Bottleneck(channels, width, first_stride if i == 0 else 1))
            channels = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), classifier(2048, 1000))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, expansion, outputs, stride):
        super().__init__()
        width = inputs * expansion
        expand = [normalised(inputs, width, 1, activation=nn.ReLU6)] if expansion > 1 else []
        depthwise = normalised(width, width, 3, stride, 1, width, nn.ReLU6)
        self.body = nn.Sequential(*expand, depthwise, normalised(width, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def mobilenet_v2():
    layers, inputs = [normalised(3, 32, 3, 2, 1, activation=nn.ReLU6)], 32
    for channels, blocks, stride in [(16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]:
        for i in range(blocks):
            expansion = 1 if channels == 16 else 6
            layers.append(InvertedResidual(inputs, expansion, channels, stride if i == 0 else 1))
            inputs = channels
    layers.append(normalised(320, 1280, 1, activation=nn.ReLU6))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), classifier(1280, 1000))


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = conv(inputs, squeeze, 1)
        self.expand = nn.ModuleList([conv(squeeze, expand, 1), conv(squeeze, expand, 3, 1, 1)])

    def forward(self, x):
        s = self.squeeze(x)
        return torch.cat([expand(s) for expand in self.expand], 1)


def squeezenet1_1():
    layers, inputs = [conv(3, 64, 3, 2)], 64
    for fires in [[(16, 64)] * 2, [(32, 128)] * 2, [(48, 192)] * 2 + [(64, 256)] * 2]:
        layers.append(pool(3, 2, ceil=True))
        for squeeze, expand in fires:
            layers.append(Fire(inputs, squeeze, expand))
            inputs = 2 * expand
    return nn.Sequential(*layers, conv(512, 1000, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(dim=1))


# Builder, batch, image.
NETWORKS = {
    "lenet": (lambda: plain(1, [(16, 5, 1, 2), pool(2, 2)] * 2, 16 * 49, 128, 10), 128, (1, 28, 28)),
    "cifar10": (lambda: plain(3, CIFAR10, 64 * 36, 384, 192, 10), 128, (3, 24, 24)),
    "alexnet": (lambda: plain(3, ALEXNET, 256 * 36, 4096, 4096, 1000), 128, (3, 224, 224)),
    "zfnet": (lambda: plain(3, ZFNET, 256 * 36, 4096, 4096, 1000), 64, (3, 224, 224)),
    "vgg16": (vgg16, 32, (3, 224, 224)),
    "resnet50": (resnet50, 64, (3, 224, 224)),
    "mobilenet_v2": (mobilenet_v2, 64, (3, 224, 224)),
    "squeezenet1_1": (squeezenet1_1, 64, (3, 224, 224)),
}


class Setting:  # a network ready to run
    def __init__(self, build, image, dtype, mode, layout):
        self.name, self.dtype, self.samples, self.graph = f"{mode} {layout} {dtype}", dtype, [], None
        memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        target = {"dtype": torch.half if dtype == "fp16" else torch.float, "memory_format": memory}
        torch.manual_seed(0)
        model = build().cuda().eval()
        for module in model.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
        model, x = model.to(**target), image.to(**target)
        call = torch.compile(model, mode="max-autotune-no-cudagraphs") if mode == "compile" else model
        self.eager = lambda: call(x)
        self.use_precision()
        # cuDNN tries its algorithms in the first runs, which must not be captured.
        torch.cuda.synchronize()
        with torch.cuda.stream(torch.cuda.Stream()):
            self.answers = [self.eager() for _ in range(3)][-1]
        torch.cuda.synchronize()
        if mode != "eager":
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.answers = self.eager()

    def use_precision(self):
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.dtype != "fp32"

    def run(self):
        if self.graph:
            return self.graph.replay()
        self.answers = self.eager()

    def elapsed_ms(self, runs):
        self.use_precision()
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(runs):
            self.run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end)

    def warm_up(self, sample_ms=20.0, warm_up_ms=1000.0):
        """Finds how many runs make a sample."""
        self.runs, total, took = 1, 0.0, 0.0
        while took < sample_ms or total < warm_up_ms:
            took = self.elapsed_ms(self.runs)
            total += took
            if took < sample_ms:
                self.runs = min(2 * self.runs, math.ceil(1.25 * self.runs * sample_ms / max(took, 1e-3)))


def measure(name, batch, args):
    print(f"{name}, batch {batch}")
    build, _, dims = NETWORKS[name]
    image = torch.rand(batch, *dims, device="cuda") * 2 - 1
    expected = Setting(build, image, "fp32", "eager", "nchw").answers.double()
    settings = []
    for dtype, mode, layout in [(d, m, f) for d in args.dtype for m in args.modes for f in args.formats]:
        try:
            setting = Setting(build, image, dtype, mode, layout)
            setting.run()
            setting.error = ((setting.answers.double() - expected).norm() / expected.norm()).item()
            assert setting.error <= TOLERANCE[dtype], f"wrong: relative error {setting.error:.1e}"
            setting.warm_up()
            settings.append(setting)
        except Exception as error:  # one setting must not end the others
            print(f"  {mode} {layout} {dtype}: not timed: {str(error).splitlines()[0]}")
    for _ in range(args.rounds):
        for setting in settings:
            setting.samples.append(setting.elapsed_ms(setting.runs) * 1e3 / setting.runs)
    for setting in settings:
        low, median, high = statistics.quantiles(setting.samples, n=4, method="inclusive")
        print(f"  {setting.name:28} {median:9.1f} us [{low:.1f}, {high:.1f}], error {setting.error:.1e}")
        yield {"name": name, "batch": batch, "setting": setting.name, "median": median, "samples": setting.samples}


def main():
    parser = argparse.ArgumentParser()
    lists = {"only": ",".join(NETWORKS), "dtype": "fp32,tf32,fp16", "modes": "eager,graph"}
    for option, default in {**lists, "formats": "nchw,channels_last", "batches": None}.items():
        parser.add_argument(f"--{option}", type=lambda text: text.split(","), default=default)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    args = parser.parse_args()
    torch.backends.cudnn.benchmark = True
    print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}")
    results = []
    with torch.inference_mode():
        for name in args.only:
            for batch in args.batches or [NETWORKS[name][1]]:
                results += measure(name, int(batch), args)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results))


if __name__ == "__main__":
    main()
