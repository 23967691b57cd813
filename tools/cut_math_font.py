"""Cut the page's math font into pieces: `python tools/cut_math_font.py STIXTwoMath-Regular.otf`.

A page carries the pieces that its formulas need. They are cut once, here: to cut a font while a page is made takes
longer than all else together. The font is STIX Two Math (OFL; Debian: texlive-fonts-extra); needs fonttools and brotli.
"""

import sys
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

FOLDER: Final = Path(__file__).parents[1] / "src/gen2anki/page/templates/fonts"


def _characters(ranges: str) -> frozenset[int]:
    """Return the characters of ranges written in hexadecimal, such as `20-7e a0`."""
    found: set[int] = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


# The first piece has all that stretches, and the space: browsers take a formula's measures from the font that has it.
CORE: Final = _characters(
    "20-7e a0 a7 ac ad b0 b1 b4 b6 b7 d7 f7 131 237 2c6 2c7 2d8-2dd 300-30c 30f-311 330-333 338 391-3a9 3b1-3c9 3d1 3d5 3d6 "
    "3f0 3f1 3f5 2016 2020-2022 2026 2032-2037 203e 2044 2057 2061-2064 20d0 20d1 20d6 20d7 20db 20dc 210e 210f 2111 2113 "
    "2118 211c 2135 2190-2199 21a6 21a9 21aa 21bc-21c0 21c1 21c4 21cb 21cc 21d0-21d5 2200-2213 2216-2218 221a 221d-222e "
    "2234 2235 223c 2243 2245 2248 224d 2250 2260-2265 226a 226b 227a 227b 2282-2287 228e 2291-2299 22a2-22a5 22a8 22c0-22c6 "
    "22ee-22f1 2308-230b 2322 2323 23b0 23b1 23b4 23b5 23dc-23e1 25a1 25b3 25b7 25c1 25ef 27c2 27e6-27eb 27f5-27fa 27fc 2a00-2a02 "
    "2a04 2a06 2a7d 2a7e 2aaf 2ab0 1d434-1d467 1d6a4 1d6a5 1d6e2-1d71b"
)
PIECES: Final = {
    "core": CORE,
    "latin": _characters("c0-d6 d8-f6 f8-130 132-17f"),
    "bold": _characters("1d400-1d433 1d468-1d49b 1d6a8-1d6e1 1d71c-1d755 1d7ca-1d7d7"),
    "script": _characters("210a 210b 2110 2112 211b 212c 212f-2131 2133 2134 1d49c-1d503"),
    "fraktur": _characters("2128 210c 212d 1d504-1d537 1d56c-1d59f"),
    "double": _characters("2102 210d 2115 2119 211a 211d 2124 213c-2140 2145-2149 1d538-1d56b 1d7d8-1d7e1"),
    "sans": _characters("1d5a0-1d66f 1d756-1d7c9 1d7e2-1d7f5 1d670-1d6a3 1d7f6-1d7ff"),
}
# Unions, sums in circles and the like; and how far one may be off, in thousandths of the font's size.
_LARGE: Final = _characters("22c0-22c3 2a00-2a02 2a04 2a06")
_OFF_AXIS: Final = 100
# The format of a table that has no characters.
_VARIATIONS: Final = 14
# All other signs that formulas are made of.
SIGNS: Final = _characters("a1-24f 2010-2bff 3d0-3f6")


def main(file: str) -> None:
    """Write the pieces, and which characters each has."""
    has = frozenset(TTFont(file).getBestCmap())
    pieces = PIECES | {"signs": SIGNS.difference(*PIECES.values())}
    table = []
    for name, wanted in pieces.items():
        options = subset.Options()
        options.flavor = "woff2"
        options.layout_features = ["ssty"]
        options.drop_tables += ["GPOS", "DSIG"] if name == "core" else ["GPOS", "DSIG", "MATH"]
        options.hinting = False
        options.name_IDs = [0, 1, 2, 13, 14]  # who made it, and its licence
        options.notdef_outline = True
        options.recalc_timestamp = False
        font = subset.load_font(file, options)
        _keep_primes(font)
        _mend(font)
        _centre(font)
        _add_bars(font)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=wanted & has)
        cutter.subset(font)
        subset.save_font(font, str(FOLDER / f"{name}.woff2"), options)
        table.append(f"{name} {_ranges(wanted & has)}\n")
    (FOLDER / "pieces.txt").write_text("".join(table), encoding="ascii")


def _keep_primes(font: TTFont) -> None:
    """Take the letters of their own for small sizes out, which would double the font; a prime needs its own."""
    primes = {font.getBestCmap()[character] for character in (*range(0x2032, 0x2038), 0x2057)}
    for feature in font["GSUB"].table.FeatureList.FeatureRecord:
        if feature.FeatureTag == "ssty":
            for lookup in feature.Feature.LookupListIndex:
                for table in font["GSUB"].table.LookupList.Lookup[lookup].SubTable:
                    inner = getattr(table, "ExtSubTable", table)
                    for choices in ("mapping", "alternates"):
                        if hasattr(inner, choices):
                            kept = {glyph: to for glyph, to in getattr(inner, choices).items() if glyph in primes}
                            setattr(inner, choices, kept)


def _mend(font: TTFont) -> None:
    """Mend what keeps Chromium from stretching arrows to the right, and let a wide tilde be had by its own sign.

    The arrow's head is joined at its left, and the font says at its right. Browsers stretch `~`; the font has the wide
    ones at the combining tilde.
    """
    variants = font["MATH"].table.MathVariants
    for construction in variants.HorizGlyphConstruction:
        for part in construction.GlyphAssembly.PartRecords if construction.GlyphAssembly else ():
            if part.glyph == "uni2192.var":
                part.StartConnectorLength, part.EndConnectorLength = 200, 0
    for table in font["cmap"].tables:
        if table.format != _VARIATIONS:
            table.cmap[ord("~")] = font.getBestCmap()[0x303]


def _centre(font: TTFont) -> None:
    """Put large signs on the axis of formulas, where they belong: Chromium does so itself, WebKit takes them as they are."""
    math, glyphs = font["MATH"].table, font.getGlyphSet()
    charstrings = font["CFF "].cff.topDictIndex[0].CharStrings
    large = {font.getBestCmap()[character] for character in _LARGE}
    variants = math.MathVariants
    for glyph, construction in zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True):
        for record in construction.MathGlyphVariantRecord if glyph in large else ():
            name = record.VariantGlyph
            bounds = BoundsPen(glyphs)
            glyphs[name].draw(bounds)
            _, bottom, _, top = bounds.bounds
            shift = round(math.MathConstants.AxisHeight.Value - (top + bottom) / 2)
            if abs(shift) > _OFF_AXIS:
                pen = T2CharStringPen(glyphs[name].width, glyphs)
                glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, 0, shift)))
                old = charstrings[name]
                charstrings[name] = pen.getCharString(old.private, old.globalSubrs)


def _add_bars(font: TTFont) -> None:
    """Give bars the sizes that brackets have: WebKit does not always put one together that has none."""
    math, glyphs = font["MATH"].table, font.getGlyphSet()
    top = font["CFF "].cff.topDictIndex[0]
    variants, names = math.MathVariants, font.getBestCmap()
    constructions = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    sizes = [record.AdvanceMeasurement for record in constructions[names[ord("(")]].MathGlyphVariantRecord[1:]]
    for name in (names[0x7C], names[0x2223]):
        bounds = BoundsPen(glyphs)
        glyphs[name].draw(bounds)
        left, _, right, _ = bounds.bounds
        for size in sizes:
            pen = T2CharStringPen(glyphs[name].width, None)
            low = math.MathConstants.AxisHeight.Value - size // 2
            pen.moveTo((left, low))
            for point in ((right, low), (right, low + size), (left, low + size)):
                pen.lineTo(point)
            pen.closePath()
            old = top.CharStrings[name]
            made = f"{name}.{size}"
            top.CharStrings.charStringsIndex.append(pen.getCharString(old.private, old.globalSubrs))
            top.CharStrings.charStrings[made] = len(top.CharStrings.charStringsIndex) - 1
            top.charset.append(made)
            font["hmtx"][made] = font["hmtx"][name]
            record = otTables.MathGlyphVariantRecord()
            record.VariantGlyph, record.AdvanceMeasurement = made, size
            constructions[name].MathGlyphVariantRecord.append(record)
    font.setGlyphOrder(top.charset)


def _ranges(characters: frozenset[int]) -> str:
    """Return characters as ranges in hexadecimal."""
    ranges: list[list[int]] = []
    for character in sorted(characters):
        if ranges and ranges[-1][1] == character - 1:
            ranges[-1][1] = character
        else:
            ranges.append([character, character])
    return " ".join(f"{first:x}-{last:x}" if last > first else f"{first:x}" for first, last in ranges)


if __name__ == "__main__":
    main(sys.argv[1])
