"""How colours are seen: contrast as the W3C measures it, difference as the CIE does, also for colour-blind eyes."""

from itertools import combinations

Light = tuple[float, ...]
"""Red, green and blue, or the X, Y and Z that they come to; each from 0 to about 1."""

EYES = {
    "all colours": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What eyes that miss one kind of cone altogether make of light: Machado, Oliveira and Fernandes, 2009."""
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (#rrggbb) by WCAG 2: from 1 to 21."""
    darker, lighter = sorted(_times(TO_XYZ, _light(colour))[1] for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def nearest(colours: dict[str, str], eyes: str) -> tuple[float, tuple[str, str]]:
    """Return the two of these colours (#rrggbb, by name) that such eyes see least apart, and how far (CIE 1976)."""
    seen = {name: _lab(_times(EYES[eyes], _light(colour))) for name, colour in colours.items()}
    return min((_distance(seen[one], seen[other]), (one, other)) for one, other in combinations(seen, 2))


def _light(colour: str) -> Light:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def _lab(light: Light) -> Light:
    inside = tuple(min(max(part, 0.0), 1.0) for part in light)
    shares = (part / white for part, white in zip(_times(TO_XYZ, inside), WHITE, strict=True))
    x, y, z = (share ** (1 / 3) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116 for share in shares)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: tuple[Light, ...], light: Light) -> Light:
    return tuple(sum(a * b for a, b in zip(row, light, strict=True)) for row in matrix)


def _distance(one: Light, other: Light) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
