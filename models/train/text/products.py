"""Product-style sentences made from word lists: titles, descriptions, category paths and cards of goods that do not exist.

Goods are those of products.txt and the artifacts, foods and substances of WordNet, whose glosses serve as descriptions.
Brands are maker names of the hardware lists, names of Faker, and invented ones.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from wordnet import ARTIFACT, FOOD, SUBSTANCE, Synset, hypernym_path, hyponyms

COLOURS = (
    "black white red blue green yellow grey brown navy beige silver gold pink purple orange teal ivory charcoal turquoise "
    "burgundy olive transparent cream copper lavender khaki mint coral"
).split()
QUALITIES = (
    "heavy duty|lightweight|portable|adjustable|professional|premium|compact|waterproof|rechargeable|cordless|foldable|"
    "reusable|disposable|handmade|vintage|classic|modern|extra large|mini|slim|soft|durable|ergonomic|digital|electric|"
    "manual|magnetic|self-adhesive|heat resistant|non-slip|high precision|general purpose|commercial grade|organic|"
    "double sided|replacement|universal|wireless|insulated|water resistant|quick release|multi-purpose|fine|coarse|"
    "matte|glossy|polished|striped|floral|recycled|breathable|stretch|quilted|flexible|rigid|sterile|food grade"
).split("|")
USES = (
    "for home and office|for outdoor use|for laboratory use|for kids|for adults|for beginners|for professionals|for travel|"
    "for small kitchens|for the workshop|for cars and trucks|for sensitive skin|for dogs and cats|for camping and hiking|"
    "for metal, wood and plastic|for glass and tile|for daily use|for heavy loads|for high temperatures|for cold weather|"
    "for schools|for hospitals and clinics|for restaurants|for electronics repair|for 3D printers|for plumbing|"
    "for gardening|for weddings and parties|for women|for men|for babies and toddlers|for musicians|for photography|"
    "for woodworking|for food storage|for cleaning|for shipping and packing|for machining|for arts and crafts|for gaming"
).split("|")
FEATURES = (
    "Resists rust and corrosion in damp places.|Easy to clean and dishwasher safe.|Comes with a two year warranty.|"
    "Fits most standard sizes.|The soft grip reduces hand fatigue during long work.|Ships ready to use, no assembly required.|"
    "Batteries are not included.|Machine washable at 30 degrees.|The sturdy base keeps it from tipping over.|"
    "Withstands temperatures up to {n} degrees.|Made by a small family workshop.|Holds up to {n} kg.|"
    "The pack contains {n} pieces.|Meets the usual safety standards.|A gift for birthdays and holidays.|"
    "The bright display is easy to read in the dark.|Runs for {n} hours on one charge.|Keeps drinks hot for {n} hours.|"
    "Smooth finish without sharp edges.|Tightens with an ordinary screwdriver.|Free of BPA, latex and fragrance.|"
    "The {material} construction lasts for years.|Available in {colour} and {colour2}.|The {colour} colour does not fade.|"
    "Replaces model {model}.|Works with {brand} machines.|Folds flat for storage.|Quiet motor with three speeds.|"
    "Seals tightly against air and water.|Ideal {use}.|Suitable {use}.|A good choice {use}.|Designed {use}.|"
    "Measures {size}.|Size: {size}.|Colour: {colour}. Material: {material}.|Model number {model}.|Made in Germany.|"
    "Cuts quickly and leaves a clean edge.|Dries within {n} minutes.|Absorbs shocks and vibration.|"
    "The adjustable strap fits every size.|Smells of {flavour}.|Rich in vitamins and fibre.|Gentle on skin and hair.|"
    "Two pockets with zippers keep small things safe.|Conducts heat evenly.|Insulated against electric shock.|"
    "Graduations are printed in permanent ink.|Drawn with love for detail.|Sold by the metre.|One size fits all."
).split("|")
FLAVOURS = (
    "vanilla lavender lemon mint coffee chocolate strawberry cinnamon coconut rose orange cedar honey apple".split()
)
SYLLABLES = (
    "al ar bel bo cal cor da del dor el en fer fin gar hal har in ja kel ka lo lun mar mer mon nor ol or pal per qui ra ren "
    "ri sa sel sol ta tor tri ul va vel ver vi wes win xan yor za zen"
).split()
ENDINGS = "a on ex ia o is tech pro ware line craft way wood worth well ton ley son co max us mark flex lite".split()
SHELF_SEPARATORS = (" > ", " | ", ", ", " ")
FRACTIONS = ("1/8", "1/4", "3/8", "1/2", "5/8", "3/4", "1-1/4", "1-1/2", "5/16", "7/16", "1/16")


@dataclass(frozen=True)
class Good:
    name: str
    shelf: str
    materials: tuple[str, ...]
    units: tuple[str, ...]
    gloss: str


def read_shelves(path: Path) -> list[Good]:
    goods = []
    for line in path.read_text().split("\n"):
        if line and not line.startswith("#"):
            shelf, names, materials, units = (part.strip() for part in line.split("|"))
            split = tuple(materials.split(", ")), tuple(units.split(" "))
            goods += [Good(name.strip(), shelf, *split, "") for name in names.split(",")]
    return goods


def wordnet_goods(synsets: dict[str, Synset]) -> list[Good]:
    """Artifacts, foods and substances, their shelves made of hypernyms."""
    materials = tuple(hyponyms(synsets, "fabric") + hyponyms(synsets, "metal") + hyponyms(synsets, "wood"))
    units = {ARTIFACT: ("length", "pack", "plain"), FOOD: ("food",), SUBSTANCE: ("volume", "weight")}
    goods = []
    for synset in synsets.values():
        if synset.lexical_file in units and synset.hypernyms:
            shelf = " > ".join(word.capitalize() for word in reversed(hypernym_path(synsets, synset, 3)))
            kinds = materials if synset.lexical_file == ARTIFACT else ()
            goods += [Good(word, shelf, kinds, units[synset.lexical_file], synset.gloss) for word in synset.words[:2]]
    return goods


class ProductWriter:
    """Writes product texts from one seeded stream of random numbers."""

    def __init__(self, goods: list[Good], brands: list[str], seed: int) -> None:
        self.goods = goods
        self.brands = brands
        self.random = random.Random(seed)

    def text(self) -> str:
        """A title, or a title with a description, or a card of title, category and features."""
        good = self.random.choice(self.goods)
        draw = self.random.random()
        if draw < 0.45:
            return self.title(good)
        if draw < 0.60:
            return f"{self.title(good)}. {self.description(good)}"
        if draw < 0.80:
            return self.description(good)
        if draw < 0.92:
            return f"{self.title(good)} {self.shelf(good)}"
        return f"{self.title(good)}. {self.description(good)} {self.shelf(good)}"

    def card(self) -> str:
        """A long text: title, description, many features, shelf."""
        good = self.random.choice(self.goods)
        features = [self.feature(good) for _ in range(self.random.randint(3, 8))]
        return " ".join([f"{self.title(good)}.", self.description(good), *features, self.shelf(good)])

    def title(self, good: Good) -> str:
        """Some of brand, model, quality, colour, material, name, size and use, in a shop's order."""
        pick = self.random.choice
        maybe = lambda share, word: word if self.random.random() < share else ""  # noqa: E731
        before = [
            maybe(0.6, self.brand()),
            maybe(0.25, self.model()),
            maybe(0.45, pick(QUALITIES)),
            maybe(0.2, pick(COLOURS)),
            maybe(0.55, pick(good.materials) if good.materials else ""),
        ]
        after = [maybe(0.7, self.size(good)), maybe(0.2, pick(COLOURS)), maybe(0.2, pick(USES))]
        name = good.name + maybe(0.15, "s") if not good.name.endswith("s") else good.name
        comma = pick((", ", ", ", " ", " - "))
        text = comma.join(filter(None, [" ".join(filter(None, [*before, name])), *after]))
        return text.title() if self.random.random() < 0.55 else text

    def description(self, good: Good) -> str:
        """What the thing is, where a gloss says so, and one to three features."""
        opening = ""
        if good.gloss and self.random.random() < 0.7:
            verb = self.random.choice(("{} is {}", "{}: {}", "This {} is {}", "{} - {}"))
            opening = f"{verb.format(good.name.capitalize() if verb[0] == '{' else good.name, good.gloss)}. "
        elif self.random.random() < 0.6:
            quality, use = self.random.choice(QUALITIES), self.random.choice(USES)
            opening = self.random.choice(
                (
                    f"This {quality} {good.name} is made {use}. ",
                    f"The {good.name} by {self.brand()}. ",
                    f"A {quality} {good.name} {use}. ",
                )
            )
        return opening + " ".join(self.feature(good) for _ in range(self.random.randint(1, 3)))

    def feature(self, good: Good) -> str:
        pick = self.random.choice
        return pick(FEATURES).format(
            n=pick((2, 3, 4, 5, 6, 8, 10, 12, 20, 25, 50, 100, 150, 200, 250)),
            material=pick(good.materials) if good.materials else "sturdy",
            colour=pick(COLOURS),
            colour2=pick(COLOURS),
            model=self.model(),
            brand=self.brand(),
            use=pick(USES),
            size=self.size(good) or "standard",
            flavour=pick(FLAVOURS),
        )

    def shelf(self, good: Good) -> str:
        path = good.shelf.split(" > ")
        return self.random.choice(SHELF_SEPARATORS).join(
            [*path, good.name.title()] if self.random.random() < 0.4 else path
        )

    def brand(self) -> str:
        if self.random.random() < 0.6:
            return self.random.choice(self.brands)
        parts = [self.random.choice(SYLLABLES) for _ in range(self.random.randint(1, 2))]
        return "".join([*parts, self.random.choice(ENDINGS)]).capitalize()

    def model(self) -> str:
        pick, number = self.random.choice, self.random.randint
        letters = "".join(pick("ABCDEFGHKLMNPRSTVWXZ") for _ in range(number(1, 3)))
        return pick(
            (
                f"{letters}{number(10, 999)}",
                f"{letters}-{number(100, 9999)}",
                f"{number(1000, 99999)}{letters}",
                f"{number(100, 9999)}-{number(10, 99)}",
            )
        )

    def size(self, good: Good) -> str:
        pick, number = self.random.choice, self.random.randint
        inches = lambda: pick((*FRACTIONS, str(number(1, 48))))  # noqa: E731
        unit = pick(('"', " in", " inch", "-Inch"))
        sizes = {
            "grit": lambda: pick(
                (f"{pick((36, 60, 80, 120, 220, 400, 600, 1000, 2000))} grit", f"#{pick((80, 120, 240, 800))} Grit")
            ),
            "diameter": lambda: pick(
                (f"{inches()}{unit} diameter", f"{number(1, 300)} mm diameter", f"{pick((1.75, 2.85, 3, 0.4))}mm")
            ),
            "pack": lambda: pick(
                (
                    f"pack of {pick((2, 3, 4, 5, 6, 10, 12, 20, 24, 25, 50, 100, 500))}",
                    f"{number(2, 200)} pcs",
                    f"{number(2, 48)}-pack",
                    f"box of {pick((10, 50, 100))}",
                )
            ),
            "length": lambda: pick(
                (
                    f"{inches()}{unit} x {inches()}{unit}",
                    f"{number(1, 100)} ft",
                    f"{number(1, 90)} cm",
                    f"{number(5, 900)} x {number(5, 900)} mm",
                    f"{number(1, 12)}' length",
                    f"{inches()}{unit} long",
                )
            ),
            "thread": lambda: pick(
                (
                    f"M{pick((2, 3, 4, 5, 6, 8, 10, 12))} x {pick((6, 8, 10, 16, 20, 30, 40))} mm",
                    f"{pick(('1/4-20', '#8-32', '10-24', '3/8-16', '1/2-13'))} thread",
                    f"{inches()}{unit} NPT",
                    f"{inches()}{unit} barb x {inches()}{unit} male NPT",
                )
            ),
            "volume": lambda: pick(
                (
                    f"{pick((5, 10, 25, 50, 100, 250, 500, 750, 1000))} ml",
                    f"{number(1, 64)} oz",
                    f"{number(1, 10)} l",
                    f"{number(1, 5)} gallon",
                    f"{number(1, 32)} fl. oz.",
                )
            ),
            "weight": lambda: pick((f"{number(1, 50)} kg", f"{number(1, 100)} lb", f"{pick((50, 100, 250, 500))} g")),
            "tape": lambda: f"{number(5, 60)} {pick(('yd', 'm', 'ft'))} x {inches()}{unit}",
            "filament": lambda: (
                f"{pick(('1.75mm', '3mm', '2.85 mm'))}, {pick(('1kg spool', '2.2 lbs', '0.5 kg', '250g'))}"
            ),
            "voltage": lambda: pick(
                (
                    f"{pick((3.3, 5, 9, 12, 18, 20, 24, 110, 230, 240))}V",
                    f"{pick((12, 24, 120))}V {number(1, 60)}A",
                    f"{number(5, 2000)} W",
                    f"{number(8, 24)} AWG",
                )
            ),
            "furniture": lambda: pick(
                (
                    f"{number(30, 240)} x {number(30, 240)} cm",
                    f"{number(20, 200)} cm",
                    pick(("twin", "queen", "king size", "single", "double")),
                )
            ),
            "size": lambda: pick(("small", "medium", "large", "x-large", "one size", "XL")),
            "clothing": lambda: pick(
                (
                    "S",
                    "M",
                    "L",
                    "XL",
                    "size 38",
                    "size 12",
                    "sizes S-XXL",
                    "slim fit",
                    "regular fit",
                    "long sleeve",
                    "plus size",
                )
            ),
            "shoe": lambda: pick((f"EU {number(35, 47)}", f"size {number(4, 13)}", f"US {number(5, 12)}", "wide fit")),
            "electronics": lambda: pick(
                (
                    f"{pick((8, 16, 32, 64, 128, 256, 512))} GB",
                    f"{pick((13.3, 15.6, 24, 27, 32, 55))} inch",
                    "USB-C",
                    "Bluetooth 5.0",
                    "4K",
                    "1080p",
                    f"{number(1, 10)} m",
                    f"{number(2000, 20000)} mAh",
                    "HDMI",
                    "2.4 GHz",
                )
            ),
            "toys": lambda: pick(
                (f"ages {number(2, 12)} and up", f"{pick((24, 100, 500, 1000))} pieces", "2-4 players")
            ),
            "sports": lambda: pick(
                (f"{number(1, 30)} kg", f"{number(2, 6)} person", "26 inch", "adult", "junior", f"{number(10, 70)} l")
            ),
            "food": lambda: pick(
                (
                    f"{pick((100, 250, 400, 500, 750))} g",
                    f"{number(4, 32)} oz",
                    f"pack of {number(2, 24)}",
                    "1 kg",
                    "1 lb bag",
                )
            ),
            "health": lambda: pick(
                (
                    f"{pick((30, 60, 90, 120, 180))} tablets",
                    f"{pick((200, 500, 1000))} mg",
                    f"{number(30, 240)} capsules",
                )
            ),
            "office": lambda: pick(("A4", "A5", "letter size", "0.5 mm", "legal size", "college ruled")),
            "book": lambda: pick((f"volume {number(1, 9)}", f"{number(80, 900)} pages", "illustrated edition")),
            "plain": lambda: "",
        }
        return sizes[pick(good.units)]()
