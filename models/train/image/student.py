"""The student: a residual network of 14 layers (He et al. 2016) for 128 x 128 pixels, 256 outputs.

A 5 x 5 stem and four stages of basic blocks, each stage at half the size of the one before. Mean and maximum of every channel
of every stage, standardised, go through one linear layer, which has a closed form: ridge regression (see `solve_head`).
"""

import torch
from torch import nn

WIDTHS = (32, 64, 128, 256)
BLOCKS = (1, 1, 2, 2)
STEM = 24
DIMENSION = 256


def convolution(inputs, outputs, kernel, stride):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """relu(skip(x) + conv(relu(conv(x)))); the skip is 2 x 2 means and a 1 x 1 convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = convolution(inputs, outputs, 3, stride)
        self.second = convolution(outputs, outputs, 3, 1)
        nn.init.zeros_(self.second[1].weight)
        same = stride == 1 and inputs == outputs
        self.skip = nn.Identity() if same else nn.Sequential(nn.AvgPool2d(stride), *convolution(inputs, outputs, 1, 1))

    def forward(self, x):
        return torch.relu(self.skip(x) + self.second(torch.relu(self.first(x))))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = convolution(3, STEM, 5, 2)
        stages, inputs = [], STEM
        for width, blocks in zip(WIDTHS, BLOCKS):
            stages.append(nn.Sequential(*(Block(inputs if b == 0 else width, width, 2 if b == 0 else 1) for b in range(blocks))))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.norm = nn.BatchNorm1d(2 * sum(WIDTHS), eps=1e-4, affine=False)
        self.head = nn.Linear(2 * sum(WIDTHS), DIMENSION)

    def pooled(self, pixels):
        """Channel means and maxima of every stage: batch x 960."""
        x = torch.relu(self.stem(pixels))
        parts = []
        for stage in self.stages:
            x = stage(x)
            parts += [x.mean((2, 3)), x.amax((2, 3))]
        return torch.cat(parts, 1).float()

    def forward(self, pixels):
        return self.head(self.norm(self.pooled(pixels)))


def solve_head(model, pooled, targets, share):
    """Standardises by n x 960 pooled features and solves (X'X / n + share I) W = X'T / n."""
    mean, variance = pooled.mean(0), pooled.var(0)
    x = (pooled - mean) / torch.sqrt(variance + model.norm.eps)
    gram = x.T @ x / len(x) + share * torch.eye(x.shape[1])
    bias = targets.mean(0)
    model.norm.running_mean.copy_(mean)
    model.norm.running_var.copy_(variance)
    model.head.weight.data.copy_(torch.linalg.solve(gram, x.T @ (targets - bias) / len(x)).T)
    model.head.bias.data.copy_(bias)
