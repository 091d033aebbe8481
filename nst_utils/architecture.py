"""What VGG is built of, layer by layer: names, sizes, parameters, receptive fields."""

from dataclasses import dataclass

# Convolutions in each block (Simonyan and Zisserman 2014, table 1, configurations D and E).
CONVOLUTIONS = {"VGG16": (2, 2, 3, 3, 3), "VGG19": (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)


@dataclass(frozen=True)
class Layer:
    """One convolution (with its ReLU) or pooling layer of VGG.

    Attributes
    ----------
    name : str
        Keras' name, ``block4_conv2``.
    paper : str
        Name in the papers, ``conv4_2``.
    torchvision : int
        Index *n* of ``features[n]`` in PyTorch's torchvision: the convolution before its ReLU
        (``features[n + 1]``), or the pooling layer.
    channels : int
    parameters : int
        Numbers in the kernel and the bias; 0 for pooling.
    stride : int
        Pixels of the picture from one position of the layer to the next.
    field : int
        Side of the receptive field in pixels: the square that one position can see.
    offset : int
        Pixels by which the first position's field sticks out of the picture at the top and left.
    """

    name: str
    paper: str
    torchvision: int
    channels: int
    parameters: int
    stride: int
    field: int
    offset: int

    def field_at(self, row, column):
        """Receptive field of one position: first row, last row + 1, first column, last column + 1.

        In pixels of the picture; it sticks out where the position is near an edge.
        """
        top, left = (position * self.stride - self.offset for position in (row, column))
        return top, top + self.field, left, left + self.field


def paper_name(layer):
    """Name of a VGG layer in the papers: ``block4_conv2`` is their ``conv4_2``."""
    block, part = layer.removeprefix("block").split("_")
    return f"pool{block}" if part == "pool" else f"conv{block}_{part.removeprefix('conv')}"


def receptive_field(layers):
    """Side of the square of pixels that one activation at the end of a stack can see.

    Parameters
    ----------
    layers : sequence of (int, int)
        Kernel side and stride of each layer, first layer first.

    Returns
    -------
    int
        1 for an empty stack: a pixel sees itself.
    """
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


def vgg_layers(network="VGG19"):
    """All layers of VGG without its classifier.

    Parameters
    ----------
    network : {"VGG19", "VGG16"}

    Returns
    -------
    tuple of Layer
        First layer first.

    Raises
    ------
    ValueError
        For another network.
    """
    if network not in CONVOLUTIONS:
        raise ValueError(f"There is no table of {network!r}; choose {' or '.join(CONVOLUTIONS)}.")
    layers, torchvision, stack, stride, offset, inputs = [], 0, [], 1, 0, 3
    for block, (count, channels) in enumerate(zip(CONVOLUTIONS[network], CHANNELS, strict=True), 1):
        for number in range(1, count + 1):
            stack.append((3, 1))
            offset += stride  # one row of zeros is put around the layer's input
            parameters = 3 * 3 * inputs * channels + channels
            name, inputs = f"block{block}_conv{number}", channels
            layers.append(_layer(name, torchvision, channels, parameters, stride, stack, offset))
            torchvision += 2  # torchvision counts the ReLU as a layer of its own
        stack.append((2, 2))
        stride *= 2
        layers.append(_layer(f"block{block}_pool", torchvision, channels, 0, stride, stack, offset))
        torchvision += 1
    return tuple(layers)


def _layer(name, torchvision, channels, parameters, stride, stack, offset):
    field = receptive_field(stack)
    return Layer(name, paper_name(name), torchvision, channels, parameters, stride, field, offset)
