"""How instants are said in the person's own time zone.

Pure, and imports nothing that takes time: see `spans`. Must never say an instant of another year without its year.
"""

from datetime import datetime, timedelta, tzinfo

FAR_AWAY = timedelta(days=90)


def local_time(moment: datetime, zone: tzinfo | None, now: datetime) -> str:
    """Say an instant in the person's own zone (None is the machine's): `Tue Dec 1, 01:00`.

    One that is so far from now that the weekday says nothing is said with its year: `Jun 18, 2027`.
    """
    local = moment.astimezone(zone)
    if abs(moment - now) > FAR_AWAY:
        return f"{local:%b} {local.day}, {local.year}"
    return f"{local:%a %b} {local.day}, {local:%H:%M}"
