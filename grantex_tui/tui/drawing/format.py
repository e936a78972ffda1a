"""Numbers, spans and instants as people read them at a glance."""

from __future__ import annotations

from datetime import datetime


def short_count(number: float) -> str:
    """At most five characters: ``987``, ``12.3k``, ``4.5M``."""
    if number < 1000:
        return f"{number:.0f}"
    for factor, unit in ((1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")):
        scaled = number / factor
        if scaled < 99.95:
            return f"{scaled:.1f}{unit}"
        if scaled < 999.5:
            return f"{scaled:.0f}{unit}"
    return f"{number:.0e}"


def rate(per_second: float) -> str:
    """Events a second: one decimal where it matters."""
    return f"{per_second:.1f}" if per_second < 100 else f"{per_second:,.0f}"


def measure(value: float) -> str:
    """A measured value or threshold: no needless decimals, at most four digits."""
    if value == int(value) and abs(value) < 10_000:
        return str(int(value))
    return f"{value:.3g}" if abs(value) < 1000 else short_count(value)


def axis_label(value: float) -> str:
    """A round value at a scale's end or middle in at most four characters: ``750``, ``1.5k``, ``75M``."""
    for factor, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:.4g}{unit}"
    return f"{value:.4g}"


def size(number: int) -> str:
    """Bytes: ``812 B``, ``12.3 kB``, ``4.1 MB``."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} kB" if number < 999_950 else f"{number / 1e6:.1f} MB"


def span(seconds: float) -> str:
    """A duration that goes on: ``00:12:31``, ``3d 04:00:12``."""
    total = max(0, int(seconds))
    days, rest = divmod(total, 86_400)
    text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}d {text}" if days else text


def countdown(seconds: float) -> str:
    """A wait that ends, rounded up: ``4 s``, ``04:12``."""
    total = max(0, int(-(-seconds // 1)))
    return f"{total} s" if total < 60 else f"{total // 60:02d}:{total % 60:02d}"


def brief(seconds: float) -> str:
    """An age or a latency in its largest unit: ``48 ms``, ``3.2 s``, ``12 min``, ``5 h``."""
    if seconds < 0.9995:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    return age(seconds)


def age(seconds: float) -> str:
    """Whole units only, for what is repainted while nothing happens: ``3 s``, ``2 min``."""
    total = max(0, int(seconds))
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min"
    return f"{total // 3600} h" if total < 172_800 else f"{total // 86_400} d"


def long_age(seconds: float) -> str:
    """An age in minutes and more, for what stays on the screen for hours."""
    return "<1 min" if seconds < 60 else age(seconds)


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th``."""
    tens = number % 100
    suffix = "th" if 10 < tens < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def clock(epoch: float, *, milliseconds: bool = False) -> str:
    """The local time of day."""
    moment = datetime.fromtimestamp(epoch).astimezone()
    text = moment.strftime("%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}" if milliseconds else text


def bucket_width(seconds: float) -> str:
    """What one bar stands for: ``1 s``, ``5 min``."""
    return f"{seconds:g} s" if seconds < 60 else f"{seconds / 60:g} min"
