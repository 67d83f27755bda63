"""Plot-like prose: one to three sentences about persons, places and deeds of WordNet, after the manner of film summaries."""

import random

from wordnet import ACT, PERSON, PLACE, Synset

GENRES = (
    "comedy|drama|thriller|western|musical|horror film|science fiction film|romance|war film|documentary|crime story|"
    "fantasy adventure|animated film|mystery|family film|film noir|biography|historical epic|action film|fairy tale"
).split("|")
NAMES = (
    "Anna Tom Maria Jack Elena Sam Ruth Daniel Grace Max Nora Peter Alice Henry Lucy Omar Mei Ivan Clara Leo Kate Hugo Rosa "
    "Frank Sarah David Emma Joe Lily Martin Julia Carlos Eve Walter Nina Oscar Helen Ben Sofia Karl"
).split()
FACTS = (
    "A young {person} arrives in {place} and falls in love with a {person2}.|"
    "When a {person} is murdered, {name} has only one night to find the killer.|"
    "After the death of her father, {name} returns to {place} to run the family business.|"
    "Two {person}s plan a bank robbery that goes terribly wrong.|"
    "{name}, a retired {person}, is drawn back into {act} by an old enemy.|"
    "In a distant future, a {person} leads the rebellion against a cruel {person2}.|"
    "A lonely {person} befriends a talking animal and sets out for {place}.|"
    "The {person} and the {person2} must work together to stop {act}.|"
    "During the war, a {person} hides a {person2} in {place}.|"
    "{name} and {name2} fall in love, but their families are against the marriage.|"
    "A group of teenagers spends the weekend in {place}, where a {person} hunts them one by one.|"
    "A {person} discovers that {name} has been lying about {act}.|"
    "Aliens invade {place} and only a {person} knows how to fight them.|"
    "Based on the true story of a {person} who fought for {act}.|"
    "{name} dreams of becoming a {person}, while {name2} wants a quiet life in {place}.|"
    "A haunted house, a missing {person} and an ancient curse.|"
    "The king sends a {person} on a journey through {place} to recover a stolen treasure.|"
    "A detective investigates {act} in {place} and trusts nobody.|"
    "Four friends on a road trip meet a strange {person}.|"
    "A {person} wakes up without memory and is chased by a {person2}.|"
    "At a small school, a {person} teaches children about {act}.|"
    "A scientist builds a machine that changes {act} for ever.|"
    "{name} inherits a hotel and hires a clumsy {person}.|"
    "A team of underdogs led by a {person} wins the championship.|"
    "A {genre} about a {person} in {place}.|"
    "This {genre} follows {name}, a {person} who struggles with {act}.|"
    "A {genre} in which a {person} meets a {person2}; themes: {act}, {place}.|"
    "{person}, {person2}, {act}, {place}, {genre}|"
    "Years later, {name} meets the {person} again.|"
    "But nothing is as it seems.|Together they learn what friendship means.|The only way out is through {place}.|"
    "In the end the {person} has to choose between love and duty."
).split("|")


class PlotWriter:
    """Writes plots from one seeded stream of random numbers."""

    def __init__(self, synsets: dict[str, Synset], seed: int) -> None:
        words = {file: [] for file in (PERSON, PLACE, ACT)}
        for synset in synsets.values():
            if synset.lexical_file in words:
                words[synset.lexical_file].append(synset.words[0])
        self.words = words
        self.random = random.Random(seed)

    def text(self) -> str:
        return " ".join(self._sentence() for _ in range(self.random.randint(1, 3)))

    def _sentence(self) -> str:
        pick = self.random.choice
        return pick(FACTS).format(
            person=pick(self.words[PERSON]),
            person2=pick(self.words[PERSON]),
            place=pick(self.words[PLACE]),
            act=pick(self.words[ACT]),
            genre=pick(GENRES),
            name=pick(NAMES),
            name2=pick(NAMES),
        )
