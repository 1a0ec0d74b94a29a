"""The page: the model's own figures in it, nothing from elsewhere, and what a browser makes of it."""

import json
import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from resilience.diagram import Chain, region, zone
from resilience.graph import Graph
from resilience.outcomes import Duration, Outcome
from resilience.report import html
from resilience.report.changes import Changes
from resilience.report.contents import Report, level, report
from resilience.report.drawing import drawings
from resilience.words import what_of
from tests.house.browser import Page, browser
from tests.resilience.small import Small
from tests.resilience.stacks import platform

ARTIFACTS = Path(__file__).parents[2] / "build/resilience"
HOSTILE = '</script><img src=x onerror="document.title=1">{{data}}&amp;\'"'


def two(service: str = "shop") -> Graph:
    home = Small().network().cluster().aurora().service(service).entrance(service).name(role="PRIMARY", interval=10)
    other = Small("us-west-2", "two").network().cluster().aurora().service(service).entrance(service)
    return home.graph(other.name(role="SECONDARY"))


@pytest.fixture(scope="module")
def told() -> Report:
    return report(two())


def embedded(page: str) -> dict[str, Any]:
    [text] = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


# What is in it.


def times(data: dict[str, Any], chain: list[int]) -> list[tuple[str, float, float, str, tuple[str, ...]]]:
    def seconds(each: float | None) -> float:
        return math.inf if each is None else each

    terms = [data["terms"][number] for number in chain]
    return [
        (each["step"], seconds(each["typical"]), seconds(each["worst"]), each["because"], tuple(each["facts"]))
        for each in terms
    ]


def of(chain: Chain) -> list[tuple[str, float, float, str, tuple[str, ...]]]:
    return [(each.step.value, each.typical, each.worst, each.because, each.facts) for each in chain]


def same(data: dict[str, Any], told: dict[str, Any], outcome: Outcome) -> None:
    assert told["verdict"] == outcome.verdict.name
    assert (told["capacity"], told["atOnce"], told["slots"]) == (outcome.capacity, outcome.at_once, outcome.slots)
    assert told["then"] == outcome.then
    assert (told["because"], told["doubts"]) == (list(outcome.because), list(outcome.doubts))
    for name, urns in (("dark", outcome.dark), ("over", outcome.takes_over)):
        assert [data["urns"][number] for number in told[name]] == [what_of(urn) for urn in urns]
    pairs: list[tuple[Any, Duration | None]] = [(told["rto"], outcome.rto), (told["rpo"], outcome.rpo)]
    for written, duration in pairs:
        if duration is None:
            assert written is None
        else:
            assert times(data, written["typical"]) == of(duration.typical)
            assert times(data, written["worst"]) == of(duration.worst)


@pytest.mark.parametrize("graph", [two, platform], ids=["two regions", "the platform"])
def test_the_page_holds_every_figure_of_the_model(graph: Any) -> None:
    found = report(graph())
    data = embedded(html.render(found))
    assert [each["id"] for each in data["faults"]] == [fault.id for fault in found.faults]
    assert [each["id"] for each in data["journeys"]] == [diagram.journey for diagram in found.diagrams]
    assert [each["hints"] for each in data["journeys"]] == [list(diagram.hints) for diagram in found.diagrams]
    for fault, row in zip(found.faults, data["matrix"], strict=True):
        for outcome, number in zip(found.row(fault), row, strict=True):
            same(data, data["outcomes"][number], outcome)
    assert set(data["facts"]) == set(found.used) >= {id_ for each in found.outcomes.values() for id_ in each.facts}
    assert sorted(number for group in data["groups"] for number in group) == list(range(len(found.faults)))


def test_the_same_report_is_the_same_page() -> None:
    assert html.render(report(two())) == html.render(report(Graph(reversed(two().resources))))


def test_it_asks_nobody_for_anything(told: Report) -> None:
    page = html.render(told)
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)|@import|url\((?!#)|fetch\(|XMLHttp|import\(""", page)
    assert "{{" not in page


class Elements(HTMLParser):
    """Names of elements with their attributes, and what is open at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]


def test_names_are_no_markup() -> None:
    page = html.render(report(two(HOSTILE)))
    elements = Elements()
    elements.feed(page)
    assert [tag for tag, _ in elements.found].count("script") == 2
    assert "img" not in [tag for tag, _ in elements.found]
    assert any(HOSTILE in each["title"] for each in embedded(page)["faults"])


def test_ids_are_unique_and_references_lead_somewhere(told: Report) -> None:
    elements = Elements()
    elements.feed(html.render(told))
    assert len(set(elements.ids)) == len(elements.ids)
    for _, attributes in elements.found:
        for name in ("for", "aria-labelledby"):
            if attributes.get(name):
                assert attributes[name] in elements.ids
        if (attributes.get("href") or "").startswith("#"):
            assert str(attributes["href"])[1:] in elements.ids


def test_a_graph_without_journeys_is_a_page_too() -> None:
    page = html.render(report(Small().network().graph()))
    assert "There is no journey in view" in page
    assert embedded(page)["outcomes"] == []


# The drawing.


def test_both_regions_are_drawn_with_what_stands_in_each_zone(told: Report) -> None:
    drawn = drawings(told)
    assert [each.region for each in drawn] == ["us-east-1", "us-west-2"]
    for drawing in drawn:
        assert drawing.zones == tuple(f"{drawing.region}{letter}" for letter in "abc")
        for name in drawing.zones:
            here = [(each.kind, each.title, each.note) for each in drawing.figures if each.zone == name]
            assert here == [
                ("way-out", "NAT gateway", ""),
                ("nodes", "nodes nodes", "× 1"),
                ("workload", "shop", "× 1"),
                ("data", "database", "× 1"),
            ]
        assert [each.title for each in drawing.figures if each.kind == "entrance"] == ["load balancer lb"]
    assert [each.note for drawing in drawn for each in drawing.figures if each.kind == "name"] == [
        *("100 % of clients", "stands by"),
    ]


def test_a_fault_takes_away_what_stands_where_it_is(told: Report) -> None:
    data = embedded(html.render(told))
    figures = data["figures"]

    def lost(id_: str, what: str = "lost") -> set[tuple[str, str, str]]:
        [fault] = [each for each in data["faults"] if each["id"] == id_]
        return {
            (figures[number]["region"], figures[number]["zone"], figures[number]["title"]) for number in fault[what]
        }

    here = ("us-east-1", "us-east-1a")
    assert lost("zone-us-east-1a") == {(*here, each) for each in ("NAT gateway", "nodes nodes", "shop", "database")}
    assert ("us-east-1", "", "load balancer lb") in lost("zone-us-east-1a", "thinned")
    assert {each[0] for each in lost("region-us-west-2")} == {"us-west-2"}
    assert len(lost("region-us-west-2")) == sum(figure["region"] == "us-west-2" for figure in figures) - 1  # The name.
    assert lost("nat-us-east-1-nat-b") == {("us-east-1", "us-east-1b", "NAT gateway")}
    assert {title for *_, title in lost("dns")} == {"shop.example.com"}
    # Which of the three leads, no plan says.
    assert len(lost("database-writer-us-east-1-database", "thinned")) == 3
    assert [each["places"] for each in data["faults"] if each["id"] in ("zone-us-east-1a", "region-us-east-1")] == [
        [zone("us-east-1a")],
        [region("us-east-1")],
    ]


# In a browser.


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = browser()
    if program is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium): the page was not looked at")
    with Page(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def address() -> str:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    file = ARTIFACTS / "looked-at.html"
    file.write_text(html.render(report(platform())), encoding="utf-8")
    return file.as_uri()


DARK = "[...document.querySelectorAll('.thing.lost title')].map(each => each.textContent)"
OVER = "[...document.querySelectorAll('.thing.over title')].map(each => each.textContent)"
CELL = 'document.querySelector(\'.heat tr[data-words*="{}"] td[data-journey="{}"]\')'


def choose(page: Page, words: str, journey: int = 0) -> None:
    page.run(f"{CELL.format(words, journey)}.click()")


def test_a_click_shows_what_goes_dark_and_what_takes_over(page: Page, address: str) -> None:
    page.open(address, width=1600, height=1100)
    page.picture(ARTIFACTS / "wide.png")
    whole = page.run(DARK)
    assert any("load balancer" in each for each in whole)
    choose(page, "zone us-east-1a")
    dark, over = page.run(DARK), page.run(OVER)
    assert 0 < len(dark) < len(whole)
    assert not any("load balancer" in each for each in dark)
    assert any("database" in each for each in over)
    told = page.run("document.getElementById('told').innerText")
    assert "Zone us-east-1a" in told
    assert "submit a run: serves again after" in told
    assert "what a broker held is made again from the database" in told
    assert page.run("document.querySelectorAll('.zone.lost').length") == 1
    assert page.run("location.hash") == "#zone-us-east-1a/submit"
    page.run("[...document.querySelectorAll('.others button')].find(each => each.textContent.endsWith('1c')).click()")
    assert page.run("document.querySelector('.zone.lost').dataset.unit") == "zone us-east-1c"
    page.picture(ARTIFACTS / "zone.png")


def test_it_is_worked_by_keyboard(page: Page, address: str) -> None:
    page.open(address)
    # One cell of the matrix is in the order of Tab, whatever is chosen.
    assert page.run("document.querySelectorAll('.heat [tabindex=\"0\"]').length") == 1
    page.run("document.querySelector('.heat [tabindex=\"0\"]').focus()")
    before = page.run("document.querySelector('#told h2').innerText")
    rows = "[...document.querySelectorAll('.heat tbody tr')].filter(row => row.offsetParent !== null)"
    place = f"{rows}.indexOf(document.activeElement.closest('tr'))"
    above = page.run(f"{rows}[{place} - 1].dataset.words")
    page.press("ArrowUp")
    page.press("ArrowRight")
    assert page.run("document.activeElement.closest('tr').dataset.words") == above
    assert page.run("document.querySelector('#told h2').innerText") == before
    page.press("Enter")
    assert above[1:] in page.run("document.querySelector('#told h2').innerText")
    assert page.run("document.querySelectorAll('.heat [aria-selected=\"true\"]').length") == 1
    page.press("Escape")
    assert page.run(DARK) == []
    assert page.run("document.activeElement.closest('tr').dataset.words") == above
    for _ in range(20):
        page.press("ArrowLeft")
    page.press("Enter")
    assert page.run("document.querySelectorAll('#told tbody tr').length") == 7


def test_faults_are_found_by_words_kind_and_region(page: Page, address: str) -> None:
    page.open(address)
    rows = "[...document.querySelectorAll('.heat tbody tr')].filter(each => each.offsetParent).length"
    count = page.run(rows)
    whole = page.run("document.querySelectorAll('.heat tbody tr').length")
    assert count < whole

    def put(name: str, value: str) -> int:
        page.run(
            f"(() => {{ const field = document.getElementById('{name}'); field.value = '{value}'; "
            "field.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        return page.run(rows)

    assert 0 < put("search", "vision wrong") < count
    assert put("search", "no such thing") == 0
    assert page.run("document.getElementById('none').hidden") is False
    assert put("search", "") == count
    assert 0 < put("kind", "zone") < count
    put("kind", "")
    page.run("document.getElementById('all').click()")
    assert page.run(rows) == whole


@pytest.mark.parametrize("width", [400, 700, 1000, 1280, 1600])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_at_every_width(page: Page, address: str, width: int, dark: bool) -> None:
    page.open(f"{address}#region-us-east-1/cpu-step", width=width, dark=dark)
    assert page.run("document.documentElement.scrollWidth") == width
    page.picture(ARTIFACTS / f"{width}-{'dark' if dark else 'light'}.png", whole=width == 400)
    wider = page.run(
        "[...document.querySelectorAll('body *')].filter(each => !each.closest('.scroll, svg') "
        "&& each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 80))"
    )
    assert wider == []


CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(each => each / 255)
      .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const clear = /rgba\\(.*, 0\\)|transparent/;
  const ground = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!clear.test(colour)) return colour;
    }
    return 'white';
  };
  const ratio = (one, other) => {
    const both = [light(one), light(other)].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  };
  const low = [];
  const all = 'p, td, th, dt, dd, li, small, button, strong, h1, h2, h3, .swatch, .sign';
  for (const node of document.querySelectorAll(all)) {
    if (!node.innerText || !node.innerText.trim()) continue;
    const found = ratio(getComputedStyle(node).color, ground(node));
    if (found < 4.5) low.push([node.className, node.innerText.slice(0, 30), found]);
  }
  for (const node of document.querySelectorAll('svg .thing')) {
    const fill = getComputedStyle(node.querySelector('rect')).fill;
    const text = getComputedStyle(node.querySelector('text:not(.mark)')).fill;
    const under = fill === 'none' ? getComputedStyle(document.querySelector('.zone .plate')).fill : fill;
    const found = ratio(text, under);
    if (found < 4.5) low.push(['svg ' + node.getAttribute('class'), found]);
  }
  return low;
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_can_be_read(page: Page, address: str, dark: bool) -> None:
    page.open(f"{address}#zone-us-east-1b/gpu-step", width=1600, height=1100, dark=dark)
    assert page.run(CONTRAST) == []


def test_it_prints(page: Page, address: str) -> None:
    page.open(address, width=794, dark=True, print_=True)
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.getElementById('filters')).display") == "none"
    assert page.run("document.documentElement.scrollWidth") == 794
    # On paper nobody can ask for what a filter leaves out.
    page.run("document.getElementById('search').value = 'zzz'")
    page.run("document.getElementById('search').dispatchEvent(new Event('input'))")
    rows = "[...document.querySelectorAll('.heat tbody tr')]"
    assert page.run(f"{rows}.filter(row => row.hidden).length") > 10
    assert page.run(f"{rows}.filter(row => row.offsetParent === null).length") == 0
    assert page.run("getComputedStyle(document.getElementById('none')).display") == "none"
    page.picture(ARTIFACTS / "print.png", whole=True)
    page.paper(ARTIFACTS / "page.pdf")
    pages = len(re.findall(rb"/Type\s*/Page[^s]", (ARTIFACTS / "page.pdf").read_bytes()))
    assert 2 <= pages <= 12


def test_hostile_names_stay_text_in_a_browser_too(page: Page, tmp_path: Path) -> None:
    found = report(two(HOSTILE))
    (tmp_path / "hostile.html").write_text(html.render(found), encoding="utf-8")
    page.open((tmp_path / "hostile.html").as_uri())
    assert page.run("document.title") == "What it survives: one, two"
    assert page.run("document.querySelectorAll('img').length") == 0
    choose(page, "a pod of")
    assert "onerror" in page.run("document.getElementById('told').innerText")
    assert page.run("document.querySelectorAll('img').length") == 0


def test_what_changes_leads_to_its_outcome(page: Page, tmp_path: Path) -> None:
    before, now = report(two()), report(Small().network().cluster().aurora().service().entrance().name().graph())
    text = html.render(now, Changes(before, now))
    assert text == html.render(now, Changes(before, now))
    (tmp_path / "changed.html").write_text(text, encoding="utf-8")
    page.open((tmp_path / "changed.html").as_uri(), width=400)
    rows = page.run("[...document.querySelectorAll('.changes tbody tr')].map(each => each.innerText)")
    [row] = [each for each in rows if "region us-east-1" in each]
    assert row.startswith("worse")
    assert "→ down" in row
    page.run("[...document.querySelectorAll('.changes a')].find(each => each.innerText.includes('region')).click()")
    assert page.run("new Promise(done => setTimeout(() => done(document.querySelector('#told h2').innerText), 100))")
    assert "use shop: down until what is lost is back" in page.run("document.getElementById('told').innerText")
    assert page.run("document.documentElement.scrollWidth") == 400
    assert 'id="changes"' not in html.render(now)


def test_it_works_without_its_script(told: Report) -> None:
    text = html.render(told)
    for fault in told.faults:
        for outcome in told.row(fault):
            assert f'class="l{level(outcome)}"' in text


def test_nothing_was_complained_of_and_nobody_was_asked(page: Page) -> None:
    assert page.said == []
    assert all(each.startswith(("file:", "about:")) for each in page.asked)
    assert page.asked
