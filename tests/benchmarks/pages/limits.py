"""The limits that a page must keep, and which of them one page misses."""

from dataclasses import dataclass, field

from tests.benchmarks.pages.addresses import PageAddress
from tests.benchmarks.pages.browser import Seen
from tests.benchmarks.pages.site import STAFF

KB = 1024
# Gzipped, of pages of suppliers, buyers and strangers: staff's stand on Django's own style sheets and scripts.
WEIGHTS = {"own_js": 10 * KB, "all_js": 30 * KB, "css": 20 * KB}
SHIFT = 0.02
QUERIES = {"dashboard:invoices": 6}
PAINT_MS = 1500  # the largest contentful paint
P95_MS = {"dashboard:invoices": 40}  # printed only: `make bench-pages` measures it among 1,000,000 invoices


@dataclass
class Measured:
    """One page: what was seen, and what it cost. `seconds` are those of the requests answered 200, sorted."""

    address: PageAddress
    seen: Seen
    queries: int = 0
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def quantile(self, part: float) -> float:
        """Milliseconds; 0 if no request was answered."""
        if not self.seconds:
            return 0
        return 1000 * self.seconds[min(int(part * len(self.seconds)), len(self.seconds) - 1)]

    def missed(self) -> list[str]:
        """Faults, and a paint that comes too late on this machine."""
        late = [f"largest contentful paint after {self.seen.paint:.0f} ms, over {PAINT_MS}"]
        return self.faults() + (late if self.seen.paint > PAINT_MS else [])

    def faults(self) -> list[str]:
        """What is wrong on any machine."""
        seen, found = self.seen, []
        found += [f"axe {one}" for one in seen.axe]
        found += [f"content security policy: {one}" for one in seen.csp]
        found += [f"console: {one}" for one in seen.errors]
        found += [f"asks another site: {one}" for one in seen.elsewhere]
        found += [f"scrolls sideways at {width} px" for width in seen.sideways]
        if self.address.who != STAFF:
            for name, most in WEIGHTS.items():
                if getattr(seen, name) > most:
                    found.append(f"{name} is {getattr(seen, name):,} bytes, over {most:,}")
        if seen.shift > SHIFT:
            found.append(f"layout shift is {seen.shift:.3f}, over {SHIFT}: {'; '.join(seen.moved[:3])}")
        most = QUERIES.get(self.address.name)
        if most is not None and self.queries > most:
            found.append(f"{self.queries} queries, over {most}")
        return found
