"""Write a source of many notes with Markdown and math, the same bytes for the same arguments.

`generate.py 100000 -o cards.yaml` writes an edition; with `--change 1` the one after it, 1 % of the answers reworded;
with `--faults 10000` one for `gen2anki check` to find fault with.
"""

import argparse
import random
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, TextIO

SEED: Final = 1729

NOUNS: Final = """
    abstraction ablation activation adversary alignment annealing ansatz approximation architecture attention
    autoencoder backbone backpropagation baseline batch bias bottleneck bound branch budget buffer cascade centroid
    channel checkpoint classifier cluster codebook coefficient collapse compression conditioner confounder constraint
    context contraction convergence convolution corpus correlation coupling covariance critic curriculum curvature
    dataset decoder decomposition denoiser density derivative dictionary diffusion dimension discriminator
    distillation distribution divergence drift dropout dynamics eigenvalue embedding encoder energy ensemble entropy
    epoch equilibrium equation error estimator evidence expectation exponent feature feedback filter flow forecast
    fraction frequency function gate gaussian generator gradient graph grid guidance head heuristic histogram horizon
    hyperparameter hypothesis identity image inequality inference information initialization integral invariance
    iteration jacobian kernel label landscape language latent layer lemma likelihood limit logit loss manifold margin
    marginal martingale mask matrix maximum mean measure memory metric minimum mixture mode model module moment
    momentum network neuron noise norm normalization normalizer objective observation operator optimizer optimum
    oracle outlier output overfitting parameter partition patch path penalty perceptron permutation perplexity
    perturbation pipeline pixel plateau policy posterior precision prediction preference prior probability process
    product projection prompt proposal quantile quantization query random rank rate ratio reconstruction recurrence
    regime regression regularizer reparameterization representation residual resolution reward sample sampler
    saturation scaling schedule score segment sensitivity sequence shift signal simulation smoothing solution solver
    sparsity spectrum stability state statistic step stochasticity stride structure subspace sum support surrogate
    symmetry target teacher temperature tensor threshold token tokenizer trajectory transfer transform transition
    truncation uncertainty update utility validation variable variance vector velocity vocabulary waveform weight
    window age aim air angle area arm art axis back ball band bar base beam bell bin bit block blur bone book box
    bridge brush bug bump byte cache call cap car case cat cell chain chair chord city class clip clock cloud clue
    coin cone copy core cost cube cue curve cycle data day depth desk digit dip disk dog door dot draft edge ear echo
    edit eye face fact fan fault field film fish fold font force form frame fuel game gap gas glyph goal gold hand
    hash hat heap heat hill hint hole hook hub hue icon ink item job join joke jump key kind knob knot lab lag lake
    lamp lane law leaf leak lens line link list lock log loop lot map mark mesh mile mind mix moon name nest net node
    note oak odds order pack page pair part peak pen phase photo piano pile pin pipe plan play poem pool port post
    proof pulse pump puzzle race rain range ray rest ring rise road rock role room root row rule scale scan scene sea
    seed self set shade shape sheet ship shop side sign sink site size skill skin sky slot song sort sound space spot
    stack star stem stop stream string style swap tab tail task tape test text tide tile time tip tone tool top trace
    track tree trick tune turn type unit use value vein view voice vote walk wall wave way web wheel wind wing wire
    word work world yard year zone
""".split()  # noqa: SIM905  # a thousand quotes and commas would hide the words
ADJECTIVES: Final = """
    additive adversarial affine amortized approximate asymptotic autoregressive auxiliary balanced bayesian biased
    binary bounded causal circular classical coarse compact concave conditional conjugate consistent continuous convex
    convolutional deep dense deterministic diagonal differentiable discrete discriminative distant dual dynamic
    effective efficient empirical equivariant exact explicit exponential factorized fast finite fixed forward frozen
    generative global greedy hierarchical hidden implicit independent infinite initial intractable invariant
    invertible isotropic iterative joint large latent learned linear local logarithmic marginal maximal minimal
    monotone multimodal naive narrow negative noisy nonlinear numerical optimal orthogonal parallel parametric
    periodic positive probabilistic quadratic recurrent redundant relative residual robust scalar sequential sharp
    shallow simple small smooth sparse spectral stable static stationary stochastic strict strong symmetric synthetic
    tight tractable trainable uniform unbiased unsupervised variational weak bad big blue bold brief bright broad
    brown calm cheap clean clear close cold cool crude dark dim dry dull early easy empty equal even extra faint fair
    false familiar few fine firm flat free fresh full good gray great green half hard heavy high hot huge idle ideal
    inner keen kind last late lazy lean least left light little long loose lost loud low main mere mild minor moist
    mute near neat new next nice odd old only open outer own pale past plain poor prime pure quick quiet random rare
    raw ready real red rich right rigid rough round safe same second short shy silent single slim slow soft solid
    sound spare steady steep stiff strange sure sweet tall tame thick thin third tiny top total tough true typical
    unique upper usual vague vast vital warm wet whole wide wild wise worst wrong young
""".split()  # noqa: SIM905
VERBS: Final = """
    absorbs accelerates amplifies approximates averages balances bounds bypasses calibrates cancels collapses compares
    compresses conditions constrains controls corrects couples decomposes defines delays determines diagnoses
    dominates encodes encourages enforces estimates evaluates explains exploits exposes factorizes fits follows
    generalizes guides improves increases induces inverts isolates justifies learns limits linearizes marginalizes
    masks matches maximizes measures minimizes models modulates narrows normalizes optimizes outperforms parameterizes
    penalizes perturbs precedes predicts preserves propagates punishes quantizes reaches recovers reduces regularizes
    replaces represents rescales resembles restricts reveals rewards samples scales separates shapes shrinks
    simplifies smooths stabilizes summarizes supervises tightens tracks transforms truncates underestimates updates
    weakens weights widens adds asks beats bends blends blocks breaks brings builds burns buys calls carries catches
    checks clips copies counts covers cuts draws drops eats ends enters fills finds fixes folds forces frees gets
    gives grows halves helps hides hits holds joins keeps kills knows lacks leads leaves lends lets lifts links lists
    loses makes maps meets merges misses mixes moves names needs opens owns pays picks pulls pushes puts reads runs
    says seeks sees sells sends sets shows shuts skips solves sorts splits starts stops swaps takes teaches tells
    tests ties trades trains treats trims turns tunes twists uses wants warps wins wraps writes yields
""".split()  # noqa: SIM905
NAMES: Final = """
    Adam BERT BigGAN CLIP CycleGAN DALL-E DDIM DDPM ELBO FID GAN GPT-2 GPT-3 ImageNet KL LSTM MCMC MNIST NCE NeRF
    PixelCNN ResNet RNN StyleGAN T5 UNet VAE VQ-VAE WaveNet WGAN-GP AT&T Q&A R&D
""".split()  # noqa: SIM905
LINKS: Final = [
    "while",
    "because",
    "so that",
    "although",
    "unless",
    "whenever",
    "and then",
    "but only if",
    "which is why",
    "as long as",
    "even though",
    "once",
]
ADVERBS: Final = """
    almost always barely clearly directly eventually exactly frequently gradually hardly implicitly jointly locally
    mainly merely nearly never often only partly quickly rarely roughly seldom simply slowly sometimes strictly
    typically usually
""".split()  # noqa: SIM905
SYMBOLS: Final = r"""
    x y z u v w s t h_t x_0 z_i w_k \theta \phi \mu \sigma \alpha \beta \lambda \epsilon \hat{x} \bar{\alpha}_t
""".split()  # noqa: SIM905
FORMULAS: Final = [
    r"\log p({0})",
    r"p({0} \mid {1})",
    r"q_\phi({0} \mid {1})",
    r"{0} \sim \mathcal{{N}}(0, {2} I)",
    r"\mathbb{{E}}[{0}^{2}]",
    r"\nabla_{{{0}}} \log p({1})",
    r"{0} = {2} {1}",
    r"{0} < {1}",
    r"O(n^{2})",
    r"\|{0} - {1}\|_2",
    r"D_{{KL}}(q \,\|\, p_{{{0}}})",
    r"{{{0}}}_{{t-{2}}}",
    r"\frac{{{0}}}{{{2}}}",
    r"\sum_{{i=1}}^{{{2}}} {{{0}}}_i {{{1}}}_i",
]
DISPLAYS: Final = [
    r"\mathcal{{L}}({0}) = \mathbb{{E}}_{{q}}\left[\log p({1} \mid {0})\right] - {2} \, D_{{KL}}(q \,\|\, p)",
    r"p({0}) = \int p({0} \mid {1}) \, p({1}) \, d{1}",
    r"\begin{{aligned}} {0} &= {2} {1} + b \\ {1} &< {0}^2 \end{{aligned}}",
    r"\hat{{{0}}} = \arg\max_{{{0}}} \prod_{{i=1}}^{{{2}}} p({{{1}}}_i \mid {0})",
]
CODES: Final = [
    "{a}.sum(dim={n})",
    "lr={n}e-4",
    "{a}_{b}",
    "torch.{a}({b}, {n})",
    "if {a} < {n}",
    "--{a}-{b}",
    "{a}[{n}:]",
    "vec<{a}>&",
]
CHOICES: Final = ["Autoregressive", "Latent-variable", "Adversarial (GAN)", "Diffusion", "Hybrid: two or more", "None"]
TAGS: Final = [f"{noun}s" for noun in NOUNS[::9]]
HEADER: Final = """\
# yaml-language-server: $schema=cards.schema.json
# Written by bench/generate.py: no lesson, only of a lesson's shape.
deck:
  id: bench
  name: Benchmark::Generated notes
  description: Made to be *measured*, with math as in $p(x)$ & code as in `x < y`.
  language: en
  tags: [bench]
  source: https://example.org/bench
flashcards:
"""

Note = dict[str, str | list[str] | bool]


class _Author:
    """Makes up the text of one note from its number: no note depends on another."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(f"{SEED}:{number}")

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def pick(self, options: list[str]) -> str:
        return options[int(self._random.random() * len(options))]

    def number(self) -> int:
        return int(self._random.random() * 98) + 2

    def math(self, formulas: list[str]) -> str:
        return self.pick(formulas).format(self.pick(SYMBOLS), self.pick(SYMBOLS), self.number())

    def code(self) -> str:
        return self.pick(CODES).format(a=self.pick(NOUNS), b=self.pick(NOUNS), n=self.number())

    def thing(self) -> str:  # noqa: PLR0911  # one for each kind
        """Return a noun phrase, now and then with emphasis, code, math or an abbreviation."""
        dice = self._random.random()
        if dice < 0.08:
            return f"${self.math(FORMULAS)}$"
        if dice < 0.12:
            return f"`{self.code()}`"
        if dice < 0.17:
            return self.pick(NAMES)
        noun = self.pick(NOUNS)
        if dice < 0.20:
            return f"*{noun}*"
        if dice < 0.21:
            return f"{noun} & {self.pick(NOUNS)}"
        if dice < 0.55:
            return f"the {noun}"
        adjective = self.pick(ADJECTIVES)
        if dice < 0.60:
            return f"**{adjective} {noun}**"
        return f'a "{adjective}" {noun}' if dice < 0.62 else f"the {adjective} {noun}"

    def clause(self) -> str:
        adverb = f"{self.pick(ADVERBS)} " if self.chance(0.3) else ""
        return f"{self.thing()} {adverb}{self.pick(VERBS)} {self.thing()}"

    def sentence(self) -> str:
        text = self.clause()
        if self.chance(0.7):
            text += f"{self.pick([',', '', ''])} {self.pick(LINKS)} {self.clause()}"
        if self.chance(0.05):
            text = f"{self.pick(NOUNS)}: {text}"
        return text[0].upper() + text[1:] + "."

    def question(self) -> str:
        dice = self._random.random()
        if dice < 0.3:
            return f"Why is it said that {self.clause()}?"
        if dice < 0.5:
            return f"What happens to {self.thing()} when {self.clause()}?"
        if dice < 0.7:
            return f"What does {self.thing()} have to do with {self.thing()}?"
        if dice < 0.8:
            return f"True or false: {self.clause()}?"
        return f"How do you tell {self.thing()} from {self.thing()}, if {self.clause()}?"

    def answer(self) -> str:
        text = self.sentence()
        dice = self._random.random()
        if dice < 0.06:
            return "\n".join([text, "", *(f"- {self.sentence()}" for _ in range(3))])
        if dice < 0.10:
            return f"{text}\n\n$$\n{self.math(DISPLAYS)}\n$$\n\n{self.sentence()}"
        if dice < 0.12:
            return f"{text}\n\n```python\nfor {self.pick(NOUNS)} in range({self.number()}):\n    {self.code()}\n```"
        if dice < 0.14:
            return f"{text}\n\n{self.sentence()}"
        if dice < 0.45:
            text += f" {self.sentence()}"
        return f"{text} {self.sentence()}" if dice < 0.85 else text

    def cloze(self) -> str:
        hidden = f"{self.pick(ADJECTIVES)} {self.pick(NOUNS)}"
        return (
            f"{self.sentence()} Here {{{{c1::{hidden}}}}} {self.pick(VERBS)} {self.thing()}, "
            f"and {{{{c2::{self.pick(NOUNS)}::{self.pick(ADJECTIVES)}?}}}} {self.pick(VERBS)} "
            f"${self.math(FORMULAS[:2])}$."
        )


def notes(count: int, change: float = 0) -> Iterator[tuple[str, Note]]:
    """Yield `count` notes, each with its section; `change` percent of them with another answer."""
    choices_from, open_from = count - count // 40, count - count // 20
    for number in range(count):
        author = _Author(number)
        section = "place" if number >= choices_from else "open" if number >= open_from else "flashcards"
        noun = author.pick(NOUNS)
        note: Note = {"id": f"{author.pick(ADJECTIVES)}-{noun}-{number}"}
        # The places of the changed notes are spread evenly: floor(n * change) moves at each of them.
        changed = int((number + 1) * change / 100) > int(number * change / 100)
        reworded = f" Put differently: {_Author(-number).sentence()}" if changed else ""
        if section == "flashcards" and author.chance(0.04):
            note["cloze"] = author.cloze() + reworded
        elif section == "place":
            note["question"] = author.question()
            answers = [choice for choice in CHOICES if author.chance(0.2)] or [author.pick(CHOICES)]
            note["answer"] = answers if len(answers) > 1 else answers[0]
            note["why"] = author.sentence() + reworded
        else:
            note["question"] = author.question()
            short = author.chance(0.005)
            note["answer"] = (author.pick(["yes", "no", "012", "1:30"]) if short else author.answer()) + reworded
        if author.chance(0.6) and "why" not in note:
            note["why"] = author.sentence()
        if author.chance(0.2):
            note["hint"] = f"Think of {author.thing()}"
        if author.chance(0.2):
            note["tags"] = [author.pick(TAGS), noun]
        if author.chance(0.04) and section == "flashcards" and "question" in note:
            note["reverse"] = True
        if author.chance(0.02):
            note["source"] = f"https://example.org/{noun}?page={author.number()}&from={author.number()}"
        yield section, note


def faulty(stream: Iterator[tuple[str, Note]], count: int, faults: int) -> Iterator[tuple[str, Note]]:
    """Yield the same notes, `faults` of them (evenly spread) with one fault each."""
    last_id = ""
    for number, (section, note) in enumerate(stream):
        sound_id = str(note["id"])
        if (number + 1) * faults // count > number * faults // count:
            kind = number * faults // count % 5
            if section == "place" and kind > 2:
                note["answer"] = "Latent-varable"
            elif kind == 0 or (kind == 1 and "cloze" in note):
                note["hnit"] = "A key that is mistyped"
            elif kind == 1:
                del note["answer"]
            elif kind == 2:
                note["id"] = f"Bad {sound_id}"
            elif kind == 3 and number:
                note["id"] = last_id
            else:
                note["reverse"] = "perhaps"
        last_id = sound_id
        yield section, note


# Where a plain scalar would begin, end or break off another way than its text says. A stray `#` or `: `, an
# indicator in front, and the few words that other YAML readers turn into something else (an author quotes those).
_NOT_PLAIN: Final = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`]|.*(: |:$| #)|\s|.*\s$|$")


def _scalar(text: str, indent: str, number: int) -> str:
    """Return `text` as an author would type it: plain where YAML allows it, else a block or in quotes."""
    if "\n" in text:
        return "|-\n" + "\n".join(f"{indent}  {line}" if line else "" for line in text.split("\n"))
    if len(text) > 150 and number % 4 == 0 and "  " not in text:
        half = text.index(" ", len(text) // 2)
        return f">-\n{indent}  {text[:half]}\n{indent}  {text[half + 1 :]}"
    if not _NOT_PLAIN.match(text):
        return text
    if "'" in text or ("\\" not in text and '"' not in text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return f"'{text}'"


def _write_note(note: Note, indent: str, number: int, out: TextIO) -> None:
    lead = f"{indent}- "
    for key, value in note.items():
        if value is True:
            shown = "true"
        elif isinstance(value, list):
            shown = f"[{', '.join(_scalar(item, '', 1) for item in value)}]"
        else:
            shown = _scalar(str(value), f"{indent}  ", number)
        out.write(f"{lead}{key}: {shown}\n")
        lead = f"{indent}  "


def write(out: TextIO, count: int, change: float = 0, faults: int = 0) -> None:
    """Write a source of `count` notes: flashcards, a practice section with choices and one without."""
    out.write(HEADER)
    stream = notes(count, change)
    if faults:
        stream = faulty(stream, count, faults)
    number = 0
    for section, group in groupby(stream, key=lambda pair: pair[0]):
        if section == "open":
            out.write("practice:\n  - id: open\n    title: Short questions\n    minutes: 8\n")
            out.write("    intro: Answer *before* you look.\n    questions:\n")
        elif section == "place":
            out.write('  - id: place\n    title: "Try it yourself: which one is it?"\n')
            out.write("    prompt: Which paradigm is it?\n")
            out.write(f"    choices: [{', '.join(_scalar(choice, '', 1) for choice in CHOICES)}]\n    questions:\n")
        for _, note in group:
            _write_note(note, "  " if section == "flashcards" else "      ", number, out)
            number += 1


def main() -> None:
    """Write the source that the command line asks for to standard output."""
    parser = argparse.ArgumentParser(description="Write a source of many notes; equal arguments give equal bytes.")
    parser.add_argument("count", type=int, help="number of notes, at least 40")
    parser.add_argument("--change", type=float, default=0, metavar="PERCENT", help="reword so many answers")
    parser.add_argument("--faults", type=int, default=0, metavar="N", help="put a fault into so many notes")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="by default, standard output")
    options = parser.parse_args()
    if options.count < 40 or options.faults > options.count:
        parser.error("at least 40 notes, and no more faults than notes")
    target = sys.stdout.fileno() if options.output is None else options.output
    with open(target, "w", encoding="utf-8", newline="\n", closefd=options.output is not None) as out:
        write(out, options.count, options.change, options.faults)


if __name__ == "__main__":
    main()
