"""The student: token vectors, three transformer layers beside them, and their sum, mean-pooled by the reader.

    x_t = e_t + U h_t,    h = layers(D e + positions)      v = mean_t x_t / |mean_t x_t|

The bypass e_t alone is a static word-vector model; the layers (pre-norm, Xiong 2020) learn what context adds to it. No
normalisation follows the sum, so the length of a token's vector is its weight in the mean.
"""

import torch
from torch import nn
from torch.nn import functional

PIECES = 16_000
DIMENSION = 256
WIDTH = 128
LAYERS = 3
HEADS = 4
FEED_FORWARD = 384
POSITIONS = 128


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.attention_out = nn.Linear(WIDTH, WIDTH)
        self.feed_forward_norm = nn.LayerNorm(WIDTH)
        self.expand = nn.Linear(WIDTH, FEED_FORWARD)
        self.contract = nn.Linear(FEED_FORWARD, WIDTH)

    def forward(self, states: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        batch, length, _ = states.shape
        split = self.query_key_value(self.attention_norm(states)).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        states = states + self.attention_out(attended.transpose(1, 2).reshape(batch, length, WIDTH))
        return states + self.contract(functional.relu(self.expand(self.feed_forward_norm(states))))


class Student(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(PIECES, DIMENSION)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.down = nn.Linear(DIMENSION, WIDTH, bias=False)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, DIMENSION, bias=False)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        nn.init.zeros_(self.up.weight)

    def static(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The mean of the bypass alone, [batch, DIMENSION]."""
        return pooled(self.tokens(ids), mask)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Last hidden states, [batch, length, DIMENSION]."""
        tokens = self.tokens(ids)
        # Token vectors are short and of unequal length: the layers see them at unit scale.
        states = (
            self.down(functional.normalize(tokens, dim=-1) * DIMENSION**0.5) + self.positions.weight[: ids.shape[1]]
        )
        bias = (1.0 - mask[:, None, None, :].float()) * -10000.0
        for layer in self.layers:
            states = layer(states, bias)
        return tokens + self.up(self.norm(states))


def pooled(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    weights = mask[..., None].float()
    return (states.float() * weights).sum(1) / weights.sum(1)
