"""Training pictures at 224 x 224: crops of photographs, cut-outs on backgrounds, product pictures and poster-like compositions.

Every function takes a numpy Generator and gives an RGB picture; the same generator state gives the same picture.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

SIDE = 224
FONTS = [
    f"/usr/share/fonts/truetype/{name}.ttf"
    for name in (
        "dejavu/DejaVuSans-Bold",
        "dejavu/DejaVuSerif-Bold",
        "dejavu/DejaVuSansCondensed-Bold",
        "liberation/LiberationSansNarrow-Bold",
        "liberation/LiberationSerif-Italic",
        "liberation/LiberationSans-Regular",
    )
]
SYLLABLES = "ba ker lo mi tor sha ven del ri no que stan far el wo gre th al pu xi mon dra san te zu hop ly cor in us".split()


def colour(rng, least=0, most=255):
    return tuple(int(v) for v in rng.integers(least, most + 1, 3))


def gradient(rng):
    """From one colour to another along a random direction, at times radial."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1)
    angle = rng.uniform(0, 2 * np.pi)
    t = x * np.cos(angle) + y * np.sin(angle) if rng.random() < 0.7 else np.hypot(x - 0.5, y - rng.uniform(0.3, 0.7))
    t = ((t - t.min()) / (t.max() - t.min()))[..., None]
    return Image.fromarray(np.uint8(np.array(colour(rng)) * t + np.array(colour(rng)) * (1 - t)))


def crop(rng, picture, least=0.15, most=1.0):
    """A random part (share of the area, aspect 2:3 to 3:2) brought to the square."""
    width, height = picture.size
    for _ in range(8):
        area = width * height * rng.uniform(least, most)
        aspect = np.exp(rng.uniform(np.log(2 / 3), np.log(3 / 2)))
        w, h = round((area * aspect) ** 0.5), round((area / aspect) ** 0.5)
        if w <= width and h <= height:
            break
    else:
        w = h = min(width, height)
    left, top = rng.integers(0, width - w + 1), rng.integers(0, height - h + 1)
    return picture.resize((SIDE, SIDE), Image.BILINEAR, box=(left, top, left + w, top + h), reducing_gap=2.0)


def jitter(rng, picture):
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = enhance(picture).enhance(rng.uniform(0.65, 1.35))
    return picture


def background(rng, photograph):
    """White for half of the pictures, as shops do; else a colour, a gradient, or a blurred photograph."""
    draw = rng.random()
    if draw < 0.5:
        return Image.new("RGB", (SIDE, SIDE), "white")
    if draw < 0.65:
        return Image.new("RGB", (SIDE, SIDE), colour(rng))
    if draw < 0.8 or photograph is None:
        return gradient(rng)
    return crop(rng, photograph, 0.1, 0.6).filter(ImageFilter.GaussianBlur(rng.uniform(0, 4)))


def paste(rng, canvas, cut_out, least=0.5, most=1.0):
    """The cut-out turned a little, at a random size and place, at times with a soft shadow."""
    if rng.random() < 0.3:
        cut_out = cut_out.rotate(rng.uniform(-25, 25), Image.BILINEAR, expand=True)
    scale = SIDE * rng.uniform(least, most) / max(cut_out.size)
    size = tuple(max(1, round(side * scale)) for side in cut_out.size)
    cut_out = cut_out.resize(size, Image.BILINEAR, reducing_gap=2.0)
    place = tuple(int(rng.integers(min(0, SIDE - side), max(0, SIDE - side) + 1)) for side in size)
    alpha = cut_out.getchannel("A")
    if rng.random() < 0.3:
        shadow = Image.new("L", (SIDE, SIDE))
        shadow.paste(alpha.point(lambda v: v // 2), (place[0] + 5, place[1] + 7))
        canvas.paste("black", (0, 0), shadow.filter(ImageFilter.GaussianBlur(6)))
    canvas.paste(cut_out.convert("RGB"), place, alpha)
    return canvas


def word(rng):
    return "".join(rng.choice(SYLLABLES, rng.integers(2, 5))).capitalize()


def write(rng, canvas, box, lines):
    """Words in the box (left, top, right, bottom), at the size that fills its width."""
    draw = ImageDraw.Draw(canvas)
    font_path, ink = str(rng.choice(FONTS)), colour(rng)
    left, top, right, bottom = box
    for index in range(lines):
        text = " ".join(word(rng) for _ in range(rng.integers(1, 4)))
        text = text.upper() if rng.random() < 0.5 else text
        size = min((bottom - top) / lines, 1.6 * (right - left) / len(text))
        font = ImageFont.truetype(font_path, max(5, int(size)))
        draw.text(((left + right) / 2, top + index * (bottom - top) / lines), text, ink, font, anchor="ma")
    return canvas


def poster(rng, photographs, cut_outs):
    """A photograph or gradient over the whole, up to three cut-outs, and a title above or below."""
    canvas = crop(rng, photographs[0], 0.2, 1) if rng.random() < 0.75 else gradient(rng)
    if rng.random() < 0.3:
        canvas = ImageEnhance.Brightness(canvas).enhance(rng.uniform(0.2, 0.7))
    if rng.random() < 0.3:
        part = crop(rng, photographs[1], 0.2, 1)
        top = int(rng.integers(40, 180))
        canvas.paste(part.crop((0, top, SIDE, SIDE)), (0, top))
    for cut_out in cut_outs[: rng.integers(0, 4)]:
        paste(rng, canvas, cut_out, 0.3, 0.9)
    top = int(rng.choice([8, 130, 160, 180]))
    if rng.random() < 0.3:
        ImageDraw.Draw(canvas).rectangle((0, top, SIDE, top + 50), colour(rng))
    write(rng, canvas, (15, top, 209, top + int(rng.integers(25, 60))), int(rng.integers(1, 3)))
    return canvas


def lathe(rng, size):
    """The alpha of a turned body (bottle, jar, vase, lamp): a smooth random radius along the height."""
    width, height = size
    knots = rng.uniform(0.25, 1, rng.integers(3, 7))
    radius = np.interp(np.linspace(0, 1, height), np.linspace(0, 1, len(knots)), knots)
    smooth = int(rng.integers(3, 25))
    radius = np.convolve(np.pad(radius, smooth, "edge"), np.ones(2 * smooth + 1) / (2 * smooth + 1), "valid")
    x = np.abs(np.linspace(-1, 1, width))
    inside = x[None, :] < radius[:, None]
    light = np.cos(np.clip(np.linspace(-1, 1, width)[None, :] / radius[:, None] + rng.uniform(-0.4, 0.4), -1, 1) * np.pi / 2)
    return inside, light


def shaded(rng, inside, light):
    tint = np.array(colour(rng, 20, 245))
    gloss = rng.uniform(0.3, 1)
    values = tint * (1 - gloss + gloss * light[..., None]) + 60 * gloss * light[..., None] ** 20
    return Image.fromarray(np.dstack([np.clip(values, 0, 255), 255.0 * inside]).astype(np.uint8), "RGBA")


def body(rng):
    size = (int(rng.integers(60, 200)), int(rng.integers(60, 200)))
    if rng.random() < 0.6:
        return shaded(rng, *lathe(rng, size))
    mask = Image.new("L", size)
    round_box = (0, 0, size[0] - 1, size[1] - 1)
    ImageDraw.Draw(mask).rounded_rectangle(round_box, int(rng.integers(0, 40)), 255)
    light = np.broadcast_to(np.linspace(rng.uniform(0.4, 1), rng.uniform(0.4, 1), size[0]), size[::-1])
    return shaded(rng, np.asarray(mask) > 0, light)


def product(rng, texture):
    """One to three rendered bodies, labelled or covered with a picture, on a background as in a shop."""
    canvas = background(rng, None)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        thing = body(rng)
        if rng.random() < 0.4:
            cover = crop(rng, texture, 0.05, 0.6).resize(thing.size)
            thing = Image.merge("RGBA", (*Image.blend(thing.convert("RGB"), cover, 0.6).split(), thing.getchannel("A")))
        if rng.random() < 0.5:
            w, h = thing.size
            write(rng, thing, (w * 0.2, h * 0.4, w * 0.8, h * 0.65), int(rng.integers(1, 3)))
        paste(rng, canvas, thing, 0.4, 0.95)
    return canvas


def training_picture(rng, picture, photograph):
    """A picture of a package as it is shown: a crop when opaque, else the cut-out on a background."""
    if picture.mode == "RGBA":
        shown = paste(rng, background(rng, photograph), picture)
    elif rng.random() < 0.12:
        shown = background(rng, None)
        framed = crop(rng, picture, 0.5, 1).resize((int(rng.integers(110, 215)), int(rng.integers(110, 215))))
        shown.paste(framed, tuple(int(rng.integers(0, SIDE - side)) for side in framed.size))
    else:
        shown = crop(rng, picture)
    if rng.random() < 0.35:
        shown = jitter(rng, shown)
    return shown.transpose(Image.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else shown
