"""The gradient of K stacked models' objectives, each on its own batch."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.func import functional_call, vjp, vmap

from bench.training.capture import Capture, NotCapturableError
from variants import Variant
from variants.contract.stacking import Objective


class StackedGradient:
    """Computes ∂objective_k/∂parameter for every member k and parameter, as stacks with a leading K.

    template: one model of the variant, only its structure is used; parameters, buffers: the stacked state,
    read in place at every call; capture: replay the computation from fixed memory where that is possible, for
    batches of the first one's size; an epoch's last, smaller batch runs eagerly.
    """

    def __init__(
        self,
        template: Variant,
        parameters: Mapping[str, Tensor],
        buffers: Mapping[str, Tensor],
        *,
        capture: bool,
    ) -> None:
        """Nothing is computed yet."""
        self._objective = Objective(template)
        self._names = tuple(parameters)
        self._parameters = tuple(parameters.values())
        self._buffers = dict(buffers)
        self._state = (*self._parameters, *self._buffers.values())
        self._capture = capture
        self._captured: tuple[Tensor, Capture] | None = None

    def __call__(self, images: Tensor, index: Tensor) -> tuple[Tensor, ...]:
        """The gradients at images[index[k]] for member k, one stack a parameter, valid until the next call.

        images: (n, widths[0]); index: (K, batch).
        """
        if self._capture:
            self._captured = self._try_capture(images[index])
            self._capture = False
        if self._captured is None or index.shape != self._captured[0].shape[:2]:
            return self._eager(*self._state, images[index])
        x, capture = self._captured
        torch.index_select(images, 0, index.flatten(), out=x.view(-1, images.shape[1]))
        return capture()

    def _try_capture(self, x: Tensor) -> tuple[Tensor, Capture] | None:
        """The input's memory and the capture that reads it; None where the objective cannot be captured."""
        try:
            return x, Capture(self._eager, *self._state, x)
        except (NotCapturableError, AssertionError):
            # The latter is what tracing says of a tensor that is neither parameter nor buffer.
            return None

    def _eager(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The gradients as a pure function of stacked parameters, buffers and x, (K, batch, widths[0])."""
        *state, x = inputs
        parameters, rest = state[: len(self._names)], state[len(self._names) :]
        buffers = dict(zip(self._buffers, rest, strict=True))

        def losses(*values: Tensor) -> Tensor:
            return vmap(self._loss)(dict(zip(self._names, values, strict=True)), buffers, x)

        _, pull, *_ = vjp(losses, *parameters)
        weights = torch.ones(len(x), dtype=x.dtype, device=x.device)
        # Fused Adam reads a gradient's memory in the parameter's order, whatever its strides say.
        return tuple(gradient.contiguous() for gradient in pull(weights))

    def _loss(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], x: Tensor) -> Tensor:
        state = {f"variant.{name}": value for name, value in (parameters | buffers).items()}
        loss: Tensor = functional_call(self._objective, state, (x,))
        return loss
