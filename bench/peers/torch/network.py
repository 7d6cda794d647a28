"""A network from its description in files, layer by layer as torch.nn.functional has them."""

import ctypes
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

from settings import STORAGE, Setting, memory_format


def even(begin, end):
    if begin != end:
        raise ValueError("there is no PyTorch for padding that differs from side to side")
    return tuple(begin)


class Conv(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.weight, self.bias = weights[0], weights[1] if len(weights) > 1 else None
        self.pads = even(attributes["padsBegin"], attributes["padsEnd"])
        self.strides, self.dilations = tuple(attributes["strides"]), tuple(attributes["dilations"])
        self.group = attributes["group"]

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.strides, self.pads, self.dilations, self.group)


class MaxPool(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.kernel, self.strides = tuple(attributes["kernel"]), tuple(attributes["strides"])
        self.pads, self.dilations = even(attributes["padsBegin"], attributes["padsEnd"]), tuple(attributes["dilations"])
        self.ceil = attributes["ceilMode"]

    def forward(self, x):
        return F.max_pool2d(x, self.kernel, self.strides, self.pads, self.dilations, self.ceil)


class GlobalAveragePool(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()

    def forward(self, x):
        return F.adaptive_avg_pool2d(x, 1)


class Linear(nn.Module):
    """A product with weights [outputs, inputs]."""

    def __init__(self, attributes, weights):
        super().__init__()
        self.weight, self.bias = weights[0], weights[1] if len(weights) > 1 else None

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


class Relu(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.inplace = attributes["inplace"]

    def forward(self, x):
        return F.relu(x, self.inplace)


class Clip(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.least, self.most, self.inplace = attributes["min"], attributes["max"], attributes["inplace"]

    def forward(self, x):
        return F.hardtanh(x, self.least, self.most, self.inplace)


class Add(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()

    def forward(self, a, b):
        return a + b


class Concat(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.axis = attributes["axis"]

    def forward(self, *parts):
        return torch.cat(parts, self.axis)


class Reshape(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.dims = tuple(attributes["dims"])

    def forward(self, x):
        return x.reshape(self.dims)


class Softmax(nn.Module):
    def __init__(self, attributes, weights):
        super().__init__()
        self.axis = attributes["axis"]

    def forward(self, x):
        return F.softmax(x, self.axis)


LAYERS = {layer.__name__: layer for layer in [Conv, MaxPool, GlobalAveragePool, Linear, Relu, Clip, Add, Concat, Reshape, Softmax]}


class Description:
    """network.json, weights.bin and image.bin of a folder, as description.js writes them."""

    def __init__(self, folder):
        path = pathlib.Path(folder)
        plan = json.loads((path / "network.json").read_text())
        self.dims, self.output, self.nodes = plan["dims"], plan["output"], plan["nodes"]
        count = (path / "weights.bin").stat().st_size // 4
        self.weights = torch.from_file(str(path / "weights.bin"), size=count, dtype=torch.float32)
        image = torch.from_file(str(path / "image.bin"), size=math.prod(self.dims), dtype=torch.float32)
        self.image = image.reshape(self.dims)

    def weight(self, place):
        count = math.prod(place["dims"])
        return self.weights[place["offset"] : place["offset"] + count].reshape(place["dims"])


class Network(nn.Module):
    def __init__(self, description, device, layout, dtype):
        super().__init__()
        self.output, self.layers, self.steps = description.output, nn.ModuleList(), []
        for node in description.nodes:
            weights = [
                move(description.weight(place), device, layout, dtype) for place in node["weights"]
            ]
            self.layers.append(LAYERS[node["type"]](node["attributes"], weights))
            self.steps.append((tuple(node["inputs"]), node["output"], tuple(node["last"])))

    def forward(self, x):
        values = {0: x}
        for layer, (inputs, output, last) in zip(self.layers, self.steps):
            values[output] = layer(*[values[i] for i in inputs])
            # What nobody reads any more makes room.
            for value in last:
                del values[value]
        return values[self.output]


def move(tensor, device, layout, dtype):
    moved = tensor.to(device=device, dtype=STORAGE[dtype], copy=True)
    return moved.contiguous(memory_format=memory_format(layout)) if moved.dim() == 4 else moved


class NetworkSubject:
    def __init__(self, description, device, mode, layout, dtype):
        if description is None:
            raise ValueError("no network was given")
        network = Network(description, device, layout, dtype).eval()
        image = move(description.image, device, layout, dtype)
        # torch.compile is given the module itself and its input, as users do.
        self.setting = Setting(Call(network, image), device, mode, dtype)

    def elapsed_ms(self, runs):
        return self.setting.elapsed_ms(runs)

    def write_answers(self, file):
        self.setting.run()
        values = self.setting.outputs.float().cpu().contiguous()
        size = values.numel() * values.element_size()
        pathlib.Path(file).write_bytes(ctypes.string_at(values.data_ptr(), size))


class Call(nn.Module):
    def __init__(self, network, image):
        super().__init__()
        self.network, self.image = network, image

    def forward(self):
        return self.network(self.image)
