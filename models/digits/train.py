#!/usr/bin/env python3
"""Train the digits model that ships with Lanewise, and write it as an ONNX test directory.

    python3 train.py [--out DIR]

Everything lands next to this script unless --out names another folder:

    model.onnx                      the network, image [N,1,28,28] -> probabilities [N,10]
    test_data_set_0/, _1/           input and expected output, batch 1 and batch 7 (TensorProto files)
    samples/*.png, labels.json      held-out digits as pictures, and what they show
    labels.txt                      the class names, one a line
    train.log                       what this script printed

It runs on the CPU with one thread, so the same package versions on the same machine give the same bytes.
"""

import argparse
import json
import math
import platform
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import sklearn
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = 20161113
TEST_SHARE = 0.2
EPOCHS = 80
BATCH = 64
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-3
DROPOUT = 0.3

SIZE = 28  # height and width of the model's input
FILTERS = 16
HIDDEN = 96
CLASSES = 10
SAMPLES_PER_CLASS = 2

MIN_ACCURACY = 0.97
MAX_DIFFERENCE = 1e-5
MAX_BYTES = 1_000_000


class Log:
    """Prints, and keeps what it printed for train.log."""

    def __init__(self):
        self.lines = []

    def __call__(self, line=""):
        print(line, flush=True)
        self.lines.append(line)


# --- data -----------------------------------------------------------------------------------------------------------


def enlarge(images8):
    """[M,8,8] with values 0..16 -> [M,1,28,28] uint8, white ink on black.

    A source pixel counts the ink in a 4x4 block of a scanned bitmap, and the digits fill the 8x8 box to its edge. Two
    pixels of background go around it first, then bicubic interpolation by 2.5 makes 12x12 into 30x30, of which the
    middle 28x28 stay. The digit ends up in a 20x20 box with a border of four pixels, as in MNIST: there is room for a
    digit drawn off centre, and strokes at the edge of the box fade out rather than being cut. Rounding to 8 bits comes
    before training, so that a PNG holds exactly what the model was trained and tested on.
    """
    x = torch.from_numpy(images8).float().unsqueeze(1) / 16
    x = F.interpolate(F.pad(x, (2, 2, 2, 2)), scale_factor=2.5, mode="bicubic", align_corners=False)
    x = x[:, :, 1:-1, 1:-1].clamp(0, 1)
    return (x * 255).round().to(torch.uint8)


def to_input(pixels):
    """Pixels 0..255 -> the model's input, 0..1."""
    return pixels.float() / 255


def uniform(n, low, high, generator):
    return torch.rand(n, generator=generator) * (high - low) + low


def augment(x, generator):
    """Random variants of a batch, so that a digit drawn by another hand, or on a canvas, has a fair chance.

    Geometry: rotation by up to 15 degrees, each axis scaled by 0.8..1.2, shear by up to 0.2, shifts by up to 3 pixels
    and a smooth wobble of about a pixel. Ink: three images in four go through a random S-curve; its threshold makes the
    stroke thicker or thinner, its slope turns the soft edges of the enlarged scans into the crisp ones of a drawn line.
    """
    n = len(x)
    angle = uniform(n, -15, 15, generator) * math.pi / 180
    scale_x = uniform(n, 0.8, 1.2, generator)
    scale_y = uniform(n, 0.8, 1.2, generator)
    shear = uniform(n, -0.2, 0.2, generator)
    shift = uniform((n, 2), -3, 3, generator) * 2 / SIZE
    cos, sin = torch.cos(angle), torch.sin(angle)
    # Output coordinate -> source coordinate, in units of half the picture: rotate, shear, scale, shift.
    row_x = torch.stack([cos / scale_x, (shear * cos - sin) / scale_x, shift[:, 0]], dim=1)
    row_y = torch.stack([sin / scale_y, (shear * sin + cos) / scale_y, shift[:, 1]], dim=1)
    grid = F.affine_grid(torch.stack([row_x, row_y], dim=1), list(x.shape), align_corners=False)
    wobble = torch.randn((n, 2, 5, 5), generator=generator) * 2 / SIZE
    wobble = F.interpolate(wobble, size=(SIZE, SIZE), mode="bicubic", align_corners=True)
    x = F.grid_sample(x, grid + wobble.permute(0, 2, 3, 1), mode="bilinear", align_corners=False)

    column = (n, 1, 1, 1)
    slope = uniform(column, 6, 24, generator)
    threshold = uniform(column, 0.2, 0.6, generator)
    low, high = torch.sigmoid(-slope * threshold), torch.sigmoid(slope * (1 - threshold))
    curved = (torch.sigmoid(slope * (x - threshold)) - low) / (high - low)
    x = torch.where(torch.rand(column, generator=generator) < 0.75, curved, x)
    return (x * uniform(column, 0.8, 1.0, generator)).clamp(0, 1)


# --- network --------------------------------------------------------------------------------------------------------


class LeNet(nn.Module):
    """LeNet with the layer shapes of the SC'16 paper: two 5x5 convolutions of 16 filters, each halved by pooling."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, FILTERS, 5, padding=2)
        self.conv2 = nn.Conv2d(FILTERS, FILTERS, 5, padding=2)
        self.fc1 = nn.Linear(FILTERS * (SIZE // 4) ** 2, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(F.dropout(x, DROPOUT, self.training))


def train(x, y, log):
    """A fixed number of epochs with the last weights kept: the test split chooses nothing."""
    model = LeNet()
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * math.ceil(len(x) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=LEARNING_RATE, total_steps=steps, pct_start=0.1)
    for epoch in range(1, EPOCHS + 1):
        model.train()
        total = 0.0
        for pick in torch.randperm(len(x), generator=generator).split(BATCH):
            loss = F.cross_entropy(model(augment(x[pick], generator)), y[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(pick)
        if epoch == 1 or epoch % 10 == 0:
            log(f"  epoch {epoch:3d}  training loss {total / len(x):.4f}")
    return model.eval()


# --- ONNX -----------------------------------------------------------------------------------------------------------


def to_onnx(model):
    weights = [
        numpy_helper.from_array(parameter.detach().numpy().astype(np.float32), name)
        for name, parameter in model.named_parameters()
    ]
    nodes = []

    def add(op, name, source, params=(), result=None, **attributes):
        result = result or f"{name}_out"
        nodes.append(helper.make_node(op, [source, *params], [result], name=name, **attributes))
        return result

    x = "image"
    for i in (1, 2):
        params = (f"conv{i}.weight", f"conv{i}.bias")
        x = add("Conv", f"conv{i}", x, params, kernel_shape=[5, 5], pads=[2, 2, 2, 2], strides=[1, 1])
        x = add("Relu", f"relu{i}", x)
        x = add("MaxPool", f"pool{i}", x, kernel_shape=[2, 2], strides=[2, 2])
    x = add("Flatten", "flatten", x, axis=1)
    x = add("Gemm", "fc1", x, ("fc1.weight", "fc1.bias"), transB=1)
    x = add("Relu", "relu3", x)
    x = add("Gemm", "fc2", x, ("fc2.weight", "fc2.bias"), transB=1)
    add("Softmax", "softmax", x, result="probabilities", axis=1)

    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, SIZE, SIZE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", CLASSES])],
        weights,
    )
    proto = helper.make_model(
        graph,
        producer_name="lanewise",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
        doc_string="LeNet for handwritten digits: 28x28, white ink on black, pixel / 255. Trained on the UCI Optical "
        "Recognition of Handwritten Digits data set (Alpaydin and Kaynak, 1998; CC BY 4.0).",
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto


def onnxruntime_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(["probabilities"], {"image": x})[0]


# --- what it writes -------------------------------------------------------------------------------------------------


def write_test_data(folder, x, probabilities):
    folder.mkdir(parents=True, exist_ok=True)
    for file, name, values in (("input_0.pb", "image", x), ("output_0.pb", "probabilities", probabilities)):
        (folder / file).write_bytes(numpy_helper.from_array(values, name).SerializeToString())


def pick_samples(labels):
    """The first few held-out digits of every class, in the order of the test split, whether recognised or not."""
    seen = dict.fromkeys(range(CLASSES), 0)
    picked = []
    for i, label in enumerate(labels):
        if seen[label] < SAMPLES_PER_CLASS:
            seen[label] += 1
            picked.append(i)
    return picked


def write_samples(folder, pixels, labels, predicted, log):
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    wrong = []
    for k, i in enumerate(pick_samples(labels)):
        name = f"{k:02d}_{labels[i]}.png"
        Image.fromarray(pixels[i, 0]).save(folder / name, optimize=True)
        names[name] = int(labels[i])
        if predicted[i] != labels[i]:
            wrong.append(f"{name} as {predicted[i]}")
    (folder / "labels.json").write_text(json.dumps(names, indent=2) + "\n")
    log(f"samples: {len(names)} pictures, not recognised: {', '.join(wrong) or 'none'}")


def report(labels, predicted, log):
    log("  class  test  errors  taken for")
    for c in range(CLASSES):
        of_class = labels == c
        mistakes = predicted[of_class & (predicted != labels)]
        log(f"  {c:5d}  {of_class.sum():4d}  {len(mistakes):6d}  {', '.join(map(str, mistakes)) or '-'}")


def main():
    parser = argparse.ArgumentParser(description="Train the digits model and write it with its test data.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent, help="where to write")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    log = Log()
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)

    log(f"python {platform.python_version()}, torch {torch.__version__}, scikit-learn {sklearn.__version__}, "
        f"numpy {np.__version__}, onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
    digits = load_digits()
    pixels = enlarge(digits.images)
    labels = digits.target
    train_i, test_i = train_test_split(
        np.arange(len(labels)), test_size=TEST_SHARE, random_state=SEED, stratify=labels)
    log(f"seed {SEED}; {len(labels)} digits: {len(train_i)} to train, {len(test_i)} held out (stratified)")

    log(f"training: {EPOCHS} epochs, batch {BATCH}, AdamW, one-cycle learning rate up to {LEARNING_RATE}")
    model = train(to_input(pixels[train_i]), torch.from_numpy(labels[train_i]), log)
    log(f"parameters: {sum(p.numel() for p in model.parameters())}")

    test_labels = labels[test_i]
    test_input = to_input(pixels[test_i])
    with torch.no_grad():
        by_torch = F.softmax(model(test_input), dim=1).numpy()
        on_training = model(to_input(pixels[train_i])).argmax(1).numpy()
    log(f"accuracy on the training split, torch: {np.mean(on_training == labels[train_i]):.4f}")
    log(f"accuracy on the test split, torch: {np.mean(by_torch.argmax(1) == test_labels):.4f}")

    path = out / "model.onnx"
    onnx.save(to_onnx(model), path)
    size = path.stat().st_size
    log(f"model.onnx: {size} bytes, opset 17, accepted by onnx.checker")
    run = onnxruntime_session(path)
    x = test_input.numpy()
    by_runtime = run(x)
    by_reference = ReferenceEvaluator(str(path)).run(None, {"image": x})[0]
    predicted = by_runtime.argmax(1)
    correct = int(np.sum(predicted == test_labels))
    accuracy = correct / len(test_labels)
    log(f"accuracy on the test split, onnxruntime: {accuracy:.4f} ({correct} of {len(test_labels)})")
    report(test_labels, predicted, log)

    differences = {
        "torch and onnxruntime": np.abs(by_torch - by_runtime).max(),
        "onnx's reference evaluator and onnxruntime": np.abs(by_reference - by_runtime).max(),
        "onnxruntime one image at a time and the whole split at once":
            np.abs(np.concatenate([run(x[i:i + 1]) for i in range(len(x))]) - by_runtime).max(),
    }
    log("largest difference of a probability over the test split:")
    for pair, difference in differences.items():
        log(f"  {difference:.2e}  {pair}")

    for k, part in enumerate((slice(0, 1), slice(1, 8))):
        write_test_data(out / f"test_data_set_{k}", x[part], run(x[part]))
    write_samples(out / "samples", pixels[test_i].numpy(), test_labels, predicted, log)
    (out / "labels.txt").write_text("".join(f"{c}\n" for c in range(CLASSES)))

    failures = []
    if accuracy < MIN_ACCURACY:
        failures.append(f"accuracy is below {MIN_ACCURACY}")
    if max(differences.values()) > MAX_DIFFERENCE:
        failures.append(f"the runs differ by more than {MAX_DIFFERENCE}")
    if size > MAX_BYTES:
        failures.append(f"model.onnx is over {MAX_BYTES} bytes")
    log("FAILED: " + "; ".join(failures) if failures else "ok")
    (out / "train.log").write_text("\n".join(log.lines) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
