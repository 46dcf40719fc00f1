"""The training loops that `aebench perf` times: what a user would write, and what the bench does."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from bench.data.split import data_folder
from bench.data.torchvision_mnist import torchvision_mnist
from bench.records.records import Member
from bench.training.population import Population, initialise
from variants import Variant

Step = Callable[[], None]
"""One batch of every model of the loop."""
BATCH = 128
LR = 1e-3


def user_batches(data_dir: Path | None) -> Iterator[Tensor]:
    """MNIST's training images in batches, shuffled, without end: torchvision's data set in a `DataLoader`."""
    mnist = torchvision_mnist().MNIST
    to_tensor = import_module("torchvision.transforms").ToTensor()
    images = mnist(data_folder(data_dir), train=True, transform=to_tensor)
    loader: DataLoader[tuple[Tensor, Tensor]] = DataLoader(images, batch_size=BATCH, shuffle=True)
    while True:
        for batch, _ in loader:
            yield batch


def user_loop(
    variant: type[Variant], widths: tuple[int, ...], batches: Iterator[Tensor], device: torch.device
) -> Step:
    """One model on batches as they come, eager autograd, Adam as it comes.

    Where levels are matched, each level's sub-network is run anew from e_l up and down beside the main path, as
    the question did.
    """
    model = initialise(variant, widths, Member(LR, 0)).to(device)
    adam = torch.optim.Adam(model.parameters(), lr=LR)

    def step() -> None:
        x = next(batches).flatten(1).to(device)
        adam.zero_grad()
        torch.autograd.backward(user_loss(model, x))
        adam.step()

    return step


def tensor_loop(variant: type[Variant], widths: tuple[int, ...], images: Tensor) -> Step:
    """All images in one tensor, one model by eager autograd, fused Adam."""
    model = initialise(variant, widths, Member(LR, 0)).to(images.device)
    adam = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    order = _batches(images, 1)

    def step() -> None:
        adam.zero_grad()
        torch.autograd.backward(model.objective(model(images[next(order)[0]])))
        adam.step()

    return step


def population_loop(variant: type[Variant], widths: tuple[int, ...], images: Tensor, members: int) -> Step:
    """So many models as one population."""
    population = Population(
        variant, widths, [Member(LR, seed) for seed in range(members)], device=images.device
    )
    order = _batches(images, members)
    return lambda: population.step(images, next(order))


def user_loss(model: Variant, x: Tensor) -> Tensor:
    """The variant's objective as a user would write it: each level by a sub-network of its own."""
    trace = model(x)
    if model.name in ("plain", "tied"):
        return functional.binary_cross_entropy(trace.decoder[0], x)
    loss = functional.binary_cross_entropy if model.name == "layer_bce" else functional.mse_loss
    total = x.new_zeros(())
    for level, e in enumerate(trace.encoder[:-1]):
        start = e.detach() if model.name == "truncated" else e
        total = total + loss(_sub_network(model, level)(start), start)
    return total


def _sub_network(model: Variant, level: int) -> nn.Sequential:
    """From e_level to the code and back to d_level."""
    encoder, decoder = (list(model.get_submodule(side).children())[level:] for side in ("encoder", "decoder"))
    layers = [*encoder, *reversed(decoder)]
    return nn.Sequential(*(part for layer in layers for part in (layer, nn.Sigmoid())))


def _batches(images: Tensor, members: int) -> Iterator[Tensor]:
    """Rows for every member's next batch, (members, BATCH), without end."""
    generator = torch.Generator().manual_seed(0)
    while True:
        order = torch.stack([torch.randperm(len(images), generator=generator) for _ in range(members)])
        order = order.to(images.device)
        for start in range(0, len(images) - BATCH + 1, BATCH):
            yield order[:, start : start + BATCH]
