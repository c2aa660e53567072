"""The page as people see it: a real browser signs in, sees a call come within a second, and opens its story."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from app.core.entities import Activity, Mood, Worker
from tests.builders import a_worker
from tests.web.world import PASSWORD, World, world

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="THE PAGE IS NOT TESTED: no chromium and chromedriver on PATH (Debian: chromium chromium-driver)",
    ),
]
# A browser that starts on two busy cores is slow; what is measured below is not.
PATIENCE = 30


class RealClock:
    """The page compares the server's time with its own."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


@pytest.fixture
def place(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, RealClock()) as made:
        yield made


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--window-size=1280,900", f"--user-data-dir={tmp_path / 'profile'}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield opened
    opened.quit()


def eventually(browser: webdriver.Chrome, css: str, text: str = "") -> WebElement:
    """The first element there that holds this text, as soon as there is one."""

    def look(driver: webdriver.Chrome) -> WebElement | None:
        return next((one for one in driver.find_elements(By.CSS_SELECTOR, css) if text in one.text), None)

    found = WebDriverWait(browser, PATIENCE, poll_frequency=0.05, ignored_exceptions=[Exception]).until(look)
    assert isinstance(found, WebElement)
    return found


def sign_in(browser: webdriver.Chrome, url: str) -> None:
    browser.get(url)
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    eventually(browser, "#link[data-state=live]")


def test_sign_in_see_a_call_come_and_open_its_story(place: World, browser: webdriver.Chrome) -> None:
    place.exists(a_worker("alice", idle_since=place.clock.now()))
    with place.served() as url:
        sign_in(browser, url)
        eventually(browser, "#agents .name", "alice")
        eventually(browser, "[data-for=waiting]", "Nobody is waiting")

        before = time.monotonic()
        place.waits("CA1", "<img src=x onerror=alert(1)> where is my order", mood=Mood.URGENT, caller="+15550102233")
        row = eventually(browser, "#waiting .call", "••• 2233")
        assert time.monotonic() - before < 1.0
        assert "<img src=x onerror=alert(1)> where is my order" in row.text
        assert "urgent" in row.text
        assert "Sales" in row.text
        assert browser.find_elements(By.CSS_SELECTOR, "main img") == []
        assert "+15550102233" not in browser.page_source

        place.tell_history()
        row.click()
        eventually(browser, "#story-title", "+15550102233")
        eventually(browser, "#story-events q", "where is my order")
        eventually(browser, "#story-events .why", "means orders")
        browser.find_element(By.ID, "story-close").click()

        Select(eventually(browser, "#agents select")).select_by_value("break")
        eventually(browser, "#agents .doing", "on a break")
        alice = place.store.get(Worker, "alice")
        assert alice is not None
        assert alice.activity == Activity.BREAK
    complaints = [entry for entry in browser.get_log("browser") if "Content Security Policy" in entry["message"]]  # type: ignore[no-untyped-call]
    assert complaints == []


def test_waits_tick_while_nothing_happens(place: World, browser: webdriver.Chrome) -> None:
    place.waits("CA1")
    with place.served() as url:
        sign_in(browser, url)
        shown = eventually(browser, "#waiting .time").text
        WebDriverWait(browser, PATIENCE, poll_frequency=0.05).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, "#waiting .time").text != shown
        )
