"""What the pages of a shop for city trips send with each event, for traffic.py: URL, referrer, browser, login, price.

Fields, as in the records of a tracker on a web site:
  url         of the page. The first page of a visit may have the parameters of a campaign (utm_*) or a click id
  referrer    another site or the page before; empty if there is none
  user_agent  the header of the browser
  user_id     the customer, from the login until the end of the visit
  price       of the trip, on the page that confirms the booking
An event without page, which the app sends in the background, has only user_agent and user_id.
"""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote

MINUTE_MS = 60_000
SITE = "https://www.citytrips.example"

AWAY_MS = 20 * MINUTE_MS  # after such a pause a visitor comes by a link again, and is logged out
COMES_AGAIN = 0.1  # of the views of the home page are by a link too
NEAR_A_BOOKING = ("review", "booking", "confirmation")
BOTS = 0.05  # of the devices without such a page
LOGS_IN = {"review": 0.4, "booking": 0.7}  # of the views of such a page by visitors who are not logged in
TWO_CUSTOMERS = 0.06  # of the devices
SECOND_DEVICE = 0.05  # of the devices: the customer has another one

Event = dict[str, Any]

# How visitors come: weight, referrer, parameters of the URL. {id} stands for a click id.
NEWSLETTER = "utm_source=newsletter&utm_medium=email&utm_campaign=weekly-offers"
LINKS = (
    (24, "", ""),  # typed, or a bookmark
    (15, "https://www.google.com/", ""),
    (4, "https://www.bing.com/", ""),
    (3, "https://duckduckgo.com/", ""),
    (
        9,
        "https://www.google.com/",
        "utm_source=google&utm_medium=cpc&utm_campaign=city-trips&utm_term=hotel+by+the+sea&gclid={id}",
    ),
    (3, "https://www.google.com/", "gclid={id}"),
    (2, "https://www.bing.com/", "msclkid={id}"),
    (4, "https://www.instagram.com/", ""),
    (3, "https://l.facebook.com/", "fbclid={id}"),
    (
        4,
        "https://l.facebook.com/",
        "utm_source=facebook&utm_medium=paid_social&utm_campaign=winter-sun&utm_content=video-2&fbclid={id}",
    ),
    (2, "https://www.reddit.com/", ""),
    (3, "https://www.youtube.com/", ""),
    (6, "", NEWSLETTER),  # an app for mail sends no referrer
    (2, "https://mail.google.com/", NEWSLETTER),
    (1, "https://mail.google.com/", ""),
    (3, "https://chatgpt.com/", "utm_source=chatgpt.com"),
    (2, "https://www.perplexity.ai/", ""),
    (1, "https://gemini.google.com/", ""),
    (3, "https://slowtravel.example/three-days-in-oslo", ""),
    (2, "https://deals.example/", "utm_source=deals&utm_medium=affiliate&utm_campaign=city-trips"),
    (2, "https://news.example/travel", "utm_source=adnet&utm_medium=display&utm_campaign=s%C3%A3o-paulo"),
    (2, "https://blog.citytrips.example/summer", ""),  # another host of the shop
)
WEIGHTS = [weight for weight, _, _ in LINKS]

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6"
    " Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0.0.0"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
)
BROWSER_WEIGHTS = (25, 12, 3, 28, 24, 5, 3)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def path(event: Event) -> str:
    """Path and parameters of a page."""
    page, value = event["page_name"], event["event_details"]["event_value"]
    if page == "search":
        return f"/search?city={quote(value)}"
    if page == "selection":
        return f"/hotels/{value.split('-')[1]}"  # card-3-selected
    return "/" if page == "home" else f"/{page}"


class Shop:
    """The visitors of the site. Its random generator is its own: users, times and ids of events do not depend on it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"shop {seed}")
        self.customers: list[str] = []

    def browse(self, events: list[Event]) -> None:
        """Adds the fields to the events of one device, which are in the order of their times."""
        random = self.random
        looks_only = all(event.get("page_name") not in NEAR_A_BOOKING for event in events)
        is_bot = looks_only and random.random() < BOTS
        browser = BOT if is_bot else random.choices(BROWSERS, BROWSER_WEIGHTS)[0]
        accounts = self.accounts()
        customer = None
        before = ""
        before_ms = -AWAY_MS
        for event in events:
            page, time_ms = event.get("page_name"), int(event["event_timestamp"])
            if time_ms - before_ms >= AWAY_MS:
                customer, before = None, ""
            before_ms = time_ms
            if page is not None:
                if before == "" or page == "home" and random.random() < COMES_AGAIN:
                    event["url"], event["referrer"] = self.arrive(event, is_bot)
                else:
                    event["url"], event["referrer"] = SITE + path(event), before
                before = event["url"]
                if customer is None and random.random() < LOGS_IN.get(page, 0):
                    customer = random.choice(accounts)
            event["user_agent"] = browser
            if customer is not None:
                event["user_id"] = customer
            if page == "confirmation":
                event["price"] = random.randrange(60_00, 900_00) / 100
                if len(accounts) > 1:
                    customer = None

    def accounts(self) -> list[str]:
        """The customers who use a device."""
        random = self.random
        if self.customers and random.random() < SECOND_DEVICE:
            return [random.choice(self.customers)]
        first, count = len(self.customers) + 1, 2 if random.random() < TWO_CUSTOMERS else 1
        new = [f"customer-{number:05d}" for number in range(first, first + count)]
        self.customers += new
        return new

    def arrive(self, event: Event, is_bot: bool) -> tuple[str, str]:
        """The URL and the referrer of the first page of a visit."""
        url = SITE + path(event)
        if is_bot:
            return url, ""
        _, referrer, query = self.random.choices(LINKS, WEIGHTS)[0]
        if query:
            url += ("&" if "?" in url else "?") + query.format(id=f"{self.random.getrandbits(120):030x}")
        return url, referrer
