package io.sessionize.column.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.WebSettings;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The columns of the set {@code web}, where a naive reading is wrong. */
class WebColumnsTest {
  private static final long TEN = 1_772_359_200_000L;
  private static final String SITE = "https://shop.example";
  private static final List<Property> PROPERTIES =
      Arrays.stream(Input.values())
          .map(
              input ->
                  new Property(
                      input.text(),
                      input == Input.REVENUE ? PropertyType.DOUBLE : PropertyType.STRING))
          .toList();

  private WebSettings settings = settings("", "purchase", "shop.example");
  private List<Property> properties = PROPERTIES;
  private final List<Event> events = new ArrayList<>();

  private static WebSettings settings(String views, String keyEvents, String hosts) {
    return new WebSettings(1, texts(views), texts(keyEvents), texts(hosts), 1800);
  }

  private static TreeSet<String> texts(String texts) {
    return new TreeSet<>(texts.isEmpty() ? Set.of() : Set.of(texts.split(" ")));
  }

  /**
   * Adds an event.
   *
   * @param facts the name, value, name, value of its properties
   */
  private void event(int second, String page, String name, Object... facts) {
    Object[] values = new Object[PROPERTIES.size()];
    for (int i = 0; i < facts.length; i += 2) {
      values[((Input) facts[i]).ordinal()] = facts[i + 1];
    }
    add(second, page, name == null ? null : new EventDetails(name, null, null), values);
  }

  private void add(int second, String page, EventDetails details, Object... values) {
    String id = "e" + events.size();
    events.add(
        new Event(
            TEN + second * 1000L,
            null,
            id,
            1,
            page,
            null,
            details,
            Properties.of(PROPERTIES, values)));
  }

  /** Adds an event that has a type and no name, as the page call of Segment. */
  private void call(int second, String page, String type) {
    add(second, page, new EventDetails(null, type, null), new Object[PROPERTIES.size()]);
  }

  private static WebColumns web(WebSettings settings, List<Property> properties) {
    List<String> names = properties.stream().map(Property::name).toList();
    return new WebColumns(settings, properties, names);
  }

  private Object value(WebColumn column) {
    Session session = new Session("u", events, CloseReason.INACTIVITY);
    return web(settings, properties).values(session)[column.ordinal()];
  }

  private void assertSource(String source, String medium, String channel) {
    assertEquals(
        source + " / " + medium + " / " + channel,
        value(WebColumn.SOURCE)
            + " / "
            + value(WebColumn.MEDIUM)
            + " / "
            + value(WebColumn.CHANNEL));
  }

  @Test
  void theColumnsAreInTheOrderOfTheValues() {
    List<SessionColumn> columns = WebColumns.columns(settings, PROPERTIES);
    event(0, "home", null);
    assertEquals(
        Arrays.stream(WebColumn.values()).map(WebColumn::text).toList(),
        columns.stream().map(SessionColumn::name).toList());
    assertEquals(
        columns.size(), web(settings, PROPERTIES).values(new Session("u", events, null)).length);
  }

  @Test
  void anUnknownVersionIsRefused() {
    WebSettings other = new WebSettings(2, texts(""), texts(""), texts(""), 1800);
    assertThrows(IllegalArgumentException.class, () -> web(other, PROPERTIES));
    assertThrows(IllegalArgumentException.class, () -> WebColumns.columns(other, PROPERTIES));
  }

  @Test
  void aSessionWithoutAnyPageHasNoEntryAndNoView() {
    event(0, null, "login", Input.URL, SITE + "/login");
    event(5, "", "logout", Input.URL, SITE + "/logout");
    assertNull(value(WebColumn.ENTRY_PAGE));
    assertNull(value(WebColumn.EXIT_PAGE));
    assertNull(value(WebColumn.LANDING_PATH));
    assertEquals(0L, value(WebColumn.VIEWS));
    assertEquals(true, value(WebColumn.BOUNCED));
  }

  @Test
  void anEventWithAPageThatIsNoViewIsNeitherEntryNorExit() {
    settings = settings("page_view", "", "");
    event(0, "home", "page_ping", Input.URL, SITE + "/?a=1");
    event(1, "boots", "page_view", Input.URL, SITE + "/boots?b=2");
    event(2, "cart", "page_ping", Input.URL, SITE + "/cart");
    assertEquals("boots", value(WebColumn.ENTRY_PAGE));
    assertEquals("boots", value(WebColumn.EXIT_PAGE));
    assertEquals("/boots", value(WebColumn.LANDING_PATH));
    assertEquals("b=2", value(WebColumn.LANDING_QUERY));
    assertEquals(1L, value(WebColumn.VIEWS));
  }

  @Test
  void aTypeNamesViewsAndKeyEventsToo() {
    settings = settings("page screen", "Order_Completed alias", "");
    call(0, "home", "page");
    call(1, "help", "track");
    event(2, null, "Order_Completed");
    call(3, null, "alias");
    assertEquals("home", value(WebColumn.EXIT_PAGE));
    assertEquals(1L, value(WebColumn.VIEWS));
    assertEquals(2L, value(WebColumn.KEY_EVENTS));
    assertEquals(List.of(new EventCount("Order_Completed", 1)), value(WebColumn.EVENTS_BY_NAME));
  }

  @Test
  void aCampaignOnTheSecondEventIsTheCampaignOfTheSession() {
    event(0, "home", null, Input.URL, SITE + "/");
    event(9, "sale", null, Input.URL, SITE + "/sale?utm_source=news&utm_medium=email");
    assertEquals("news", value(WebColumn.UTM_SOURCE));
    assertEquals("/", value(WebColumn.LANDING_PATH));
    assertSource("news", "email", "Email");
  }

  @Test
  void theFiveFactsAreOfOneCampaign() {
    event(0, "a", null, Input.UTM_SOURCE, "news", Input.UTM_MEDIUM, "email");
    event(1, "b", null, Input.UTM_SOURCE, "ads", Input.UTM_CAMPAIGN, "spring", Input.UTM_TERM, "x");
    assertEquals("news", value(WebColumn.UTM_SOURCE));
    assertNull(value(WebColumn.UTM_CAMPAIGN));
    assertNull(value(WebColumn.UTM_TERM));
    assertEquals("ads", value(WebColumn.LAST_SOURCE));
    assertEquals("(not set)", value(WebColumn.LAST_MEDIUM));
  }

  @Test
  void theParametersOfTheUrlFillInTheMissingProperties() {
    event(
        0,
        "a",
        null,
        Input.UTM_SOURCE,
        "",
        Input.UTM_MEDIUM,
        "email",
        Input.URL,
        SITE + "/?utm_source=Fr%C3%BChling+1&utm_medium=cpc&utm_content=50%");
    assertEquals("Frühling 1", value(WebColumn.UTM_SOURCE));
    assertEquals("email", value(WebColumn.UTM_MEDIUM));
    assertEquals("50%", value(WebColumn.UTM_CONTENT));
  }

  @Test
  void aReferrerOfTheSiteIsNoTouch() {
    event(0, "a", null, Input.URL, SITE + "/a", Input.REFERRER, SITE + "/");
    event(1, "b", null, Input.URL, SITE + "/b", Input.REFERRER, "https://m.Shop.example:8443/x");
    event(2, "c", null, Input.URL, SITE + "/c", Input.REFERRER, "https://www.shop.example/");
    assertNull(value(WebColumn.REFERRER_HOST));
    assertSource("(direct)", "(none)", "Direct");
  }

  @Test
  void aHostThatOnlyEndsLikeTheSiteIsExternal() {
    event(0, "a", null, Input.URL, SITE + "/a", Input.REFERRER, "https://notshop.example/");
    assertEquals("notshop.example", value(WebColumn.REFERRER_HOST));
    assertSource("notshop.example", "referral", "Referral");
  }

  @Test
  void withoutOwnHostsTheHostOfThePageIsInternal() {
    settings = settings("", "", "");
    event(0, "a", null, Input.URL, SITE + "/a", Input.REFERRER, SITE + "/");
    assertSource("(direct)", "(none)", "Direct");
  }

  @Test
  void withoutOwnHostsTheHostsOfAllPagesOfTheSessionAreInternal() {
    settings = settings("", "", "");
    event(0, null, "click", Input.REFERRER, SITE + "/");
    event(1, "b", null, Input.URL, "https://pay.example/", Input.REFERRER, SITE + "/cart");
    event(2, "c", null, Input.URL, SITE + "/done", Input.REFERRER, "https://pay.example/ok");
    assertNull(value(WebColumn.REFERRER_HOST));
    assertSource("(direct)", "(none)", "Direct");
    assertEquals("(direct)", value(WebColumn.LAST_SOURCE));
  }

  @Test
  void thePaymentServiceInTheMiddleIsTheLastTouchOnly() {
    event(0, "a", null, Input.URL, SITE + "/", Input.REFERRER, "https://www.google.co.uk/");
    event(9, "b", null, Input.URL, SITE + "/done", Input.REFERRER, "https://pay.example/");
    assertSource("google", "organic", "Organic Search");
    assertEquals("google.co.uk", value(WebColumn.REFERRER_HOST));
    assertEquals("pay.example", value(WebColumn.LAST_SOURCE));
  }

  @Test
  void aLoginOrAPaymentInTheMiddleIsNoTouch() {
    event(0, "a", null, Input.URL, SITE + "/", Input.REFERRER, "https://www.bing.com/");
    event(5, "b", null, Input.URL, SITE + "/in", Input.REFERRER, "https://accounts.google.com/");
    event(9, "c", null, Input.URL, SITE + "/done", Input.REFERRER, "https://www.paypal.com/");
    assertSource("bing", "organic", "Organic Search");
    assertEquals("bing", value(WebColumn.LAST_SOURCE));
    assertEquals("bing.com", value(WebColumn.REFERRER_HOST));
  }

  @Test
  void aCampaignThatSaysDirectIsNoTouch() {
    event(0, "a", null, Input.UTM_SOURCE, "(direct)", Input.UTM_MEDIUM, "(none)");
    event(1, "b", null, Input.REFERRER, "https://www.google.com/");
    event(2, "c", null, Input.UTM_SOURCE, "(Direct)", Input.UTM_MEDIUM, "(None)");
    assertSource("google", "organic", "Organic Search");
    assertEquals("google", value(WebColumn.LAST_SOURCE));
  }

  @Test
  void aReferrerThatAScriptKeepsIsNoNewTouch() {
    String google = "https://www.google.com/";
    event(0, "a", null, Input.URL, SITE + "/?gclid=1", Input.REFERRER, google);
    event(9, "b", null, Input.URL, SITE + "/b", Input.REFERRER, google);
    event(10, null, "click", Input.URL, SITE + "/b");
    event(11, "c", null, Input.URL, SITE + "/c", Input.REFERRER, google);
    assertSource("google", "cpc", "Paid Search");
    assertEquals("cpc", value(WebColumn.LAST_MEDIUM));
  }

  @ParameterizedTest
  @CsvSource({
    "https://mail.google.com/, gmail, email, Email",
    "https://gemini.google.com/app, gemini.google.com, ai-assistant, AI Assistant",
    "https://news.google.com/, google, organic, Organic Search",
    "https://docs.google.com/document/1, google-docs, referral, Referral",
    "https://accounts.google.com/o/oauth2, (direct), (none), Direct",
    "https://passport.yandex.ru/auth, (direct), (none), Direct",
    "https://nid.naver.com/, (direct), (none), Direct",
    "https://pay.amazon.com/checkout, (direct), (none), Direct",
    "https://www.paypal.com/, (direct), (none), Direct",
    "https://appleid.apple.com/, (direct), (none), Direct",
    "https://login.live.com/, (direct), (none), Direct",
    "https://login.microsoftonline.com/, (direct), (none), Direct",
    "https://medium.com/@a, medium.com, referral, Organic Social",
    "https://www.target.com/, target.com, referral, Organic Shopping",
    "https://l.facebook.com/l.php, facebook, referral, Organic Social",
    "https://m.youtube.com/, youtube, referral, Organic Video",
    "https://www.amazon.co.jp/, amazon, referral, Organic Shopping",
    "android-app://com.google.android.gm/, gmail, email, Email",
    "https://www.google.com./, google, organic, Organic Search",
    "https://Shop.example./, (direct), (none), Direct",
    "https://blog.example:8443/x?y, blog.example, referral, Referral",
    "$direct, (direct), (none), Direct",
    "about:blank, (direct), (none), Direct"
  })
  void theReferrerGivesTheChannel(String referrer, String source, String medium, String channel) {
    event(0, "a", null, Input.URL, SITE + "/", Input.REFERRER, referrer);
    assertSource(source, medium, channel);
  }

  @ParameterizedTest
  @CsvSource({
    "utm_source=chatgpt.com, chatgpt.com, (not set), AI Assistant",
    "utm_source=chatgpt.com&utm_medium=referral, chatgpt.com, referral, AI Assistant",
    "utm_source=chatgpt&utm_medium=chat, chatgpt, chat, AI Assistant",
    "utm_source=claude&utm_medium=email, claude, email, Email",
    "utm_source=facebook&utm_medium=email, facebook, email, Organic Social",
    "utm_source=line&utm_medium=email, line, email, Email",
    "utm_source=target&utm_medium=affiliate, target, affiliate, Affiliates",
    "utm_source=medium.com&utm_medium=blog, medium.com, blog, Organic Social",
    "utm_source=x, x, (not set), Unassigned",
    "utm_source=fb&utm_medium=paid&fbclid=1, fb, paid, Paid Social",
    "utm_source=google&gclid=1, google, cpc, Paid Search",
    "utm_medium=cpc&gclid=1, google, cpc, Paid Search",
    "utm_source=news&utm_medium=email&gclid=1, news, email, Email",
    "utm_source=news&fbclid=1, news, social, Organic Social",
    "fbclid=1, facebook, social, Organic Social",
    "fbclid=1&gclid=2, google, cpc, Paid Search",
    "utm_campaign=spring, (not set), (not set), Unassigned",
    "utm_campaign=spring&msclkid=1, bing, cpc, Paid Search",
    "utm_source=x&utm_medium=cpc&utm_campaign=My+E-Shop, x, cpc, Paid Shopping",
    "utm_source=x.example&utm_medium=cpc&utm_campaign=workshop, x.example, cpc, Paid Other"
  })
  void theUrlGivesTheChannel(String query, String source, String medium, String channel) {
    event(0, "a", null, Input.URL, SITE + "/?" + query);
    assertSource(source, medium, channel);
  }

  @Test
  void hugeTextsAreReadInOnePass() {
    String url = SITE + "/?" + "&".repeat(500_000) + "a&b".repeat(100_000) + "&utm_source=x";
    event(0, "a", null, Input.URL, url + "#" + "@:?".repeat(100_000));
    event(1, "a", null, Input.UTM_SOURCE, "a.".repeat(300_000) + "google.de");
    event(2, "a", null, Input.REFERRER, "//" + "a@".repeat(300_000) + "b.".repeat(300_000));
    event(3, "a", null, Input.USER_AGENT, "Mozilla ".repeat(100_000));
    assertTimeoutPreemptively(Duration.ofSeconds(30), () -> value(WebColumn.CHANNEL));
    assertEquals("x", value(WebColumn.UTM_SOURCE));
    events.remove(0);
    assertEquals("Organic Search", value(WebColumn.CHANNEL));
  }

  @Test
  void oneEventIsBouncedWithoutActiveTime() {
    event(0, "home", null);
    assertEquals("home", value(WebColumn.ENTRY_PAGE));
    assertEquals("home", value(WebColumn.EXIT_PAGE));
    assertEquals(true, value(WebColumn.BOUNCED));
    assertEquals(0L, value(WebColumn.ACTIVE_SECONDS));
  }

  @Test
  void aKeyEventWithoutAViewEngages() {
    event(0, null, "purchase");
    assertEquals(1L, value(WebColumn.KEY_EVENTS));
    assertEquals(0L, value(WebColumn.VIEWS));
    assertEquals(true, value(WebColumn.ENGAGED));
    assertEquals(false, value(WebColumn.BOUNCED));
  }

  @Test
  void tenSecondsDoNotEngageButMoreDo() {
    event(0, "home", null);
    event(10, null, "scroll");
    assertEquals(false, value(WebColumn.ENGAGED));
    event(11, null, "scroll");
    assertEquals(true, value(WebColumn.ENGAGED));
  }

  @Test
  void aPauseCountsUpToTheCap() {
    settings = new WebSettings(1, texts(""), texts(""), texts(""), 60);
    event(0, "home", null);
    event(30, "home", null);
    event(1500, "home", null);
    assertEquals(90L, value(WebColumn.ACTIVE_SECONDS));
  }

  @Test
  void revenueIsThatOfTheKeyEvents() {
    settings = settings("", "purchase refund", "");
    event(0, "a", "checkout", Input.REVENUE, 49.5);
    event(0, "a", null, Input.REVENUE, 49.5);
    assertNull(value(WebColumn.REVENUE));
    event(1, "b", "purchase", Input.REVENUE, 49.5);
    event(2, "c", "purchase");
    event(3, "d", "refund", Input.REVENUE, -9.5);
    assertEquals(40.0, value(WebColumn.REVENUE));
  }

  @Test
  void aUserWhoLogsInInTheMiddleIsTheUserOfTheSession() {
    event(0, "a", null);
    event(1, "b", "login", Input.USER_ID, "u-1");
    event(2, "c", null, Input.USER_ID, "");
    assertEquals("u-1", value(WebColumn.USER_ID));
    assertEquals(List.of("u-1"), value(WebColumn.USER_IDS));
    event(3, "d", null, Input.USER_ID, "u-2");
    event(4, "e", null, Input.USER_ID, "u-1");
    assertEquals("u-1", value(WebColumn.USER_ID));
    assertEquals(List.of("u-1", "u-2"), value(WebColumn.USER_IDS));
  }

  @Test
  void eventsAreCountedByNameInTheOrderOfCodePoints() {
    event(0, "a", "\uff5e");
    event(0, "a", "\ud83d\ude00");
    event(0, "a", "b");
    event(0, "a", "");
    event(0, "a", "b");
    assertEquals(
        List.of(
            new EventCount("b", 2), new EventCount("\uff5e", 1), new EventCount("\ud83d\ude00", 1)),
        value(WebColumn.EVENTS_BY_NAME));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36|desktop|windows",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15|desktop|macos",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0.0.0|desktop|chromeos",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Firefox/143.0|desktop|linux",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) Mobile/15E148|mobile|ios",
        "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Mobile/15E148|tablet|ios",
        "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36|mobile|android",
        "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Safari/537.36|tablet|android",
        "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) Chrome/88.0 Mobile|mobile|android",
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) Version/6.0 TV Safari/538.1|tv|linux",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)|bot|",
        "curl/8.10||"
      })
  void theUserAgentGivesDeviceAndOs(String userAgent, String device, String os) {
    event(0, null, "start");
    event(0, "a", null, Input.USER_AGENT, userAgent);
    assertEquals(device, value(WebColumn.DEVICE));
    assertEquals(os, value(WebColumn.OS));
  }

  @Test
  void whatTheTrackerSaysCountsBeforeTheUserAgent() {
    event(0, "a", null, Input.USER_AGENT, "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0");
    event(1, "b", null, Input.DEVICE_TYPE, "Smartphone", Input.OS, "iPhone OS");
    assertEquals("mobile", value(WebColumn.DEVICE));
    assertEquals("ios", value(WebColumn.OS));
    events.clear();
    event(1, "b", null, Input.DEVICE_TYPE, "Wearable", Input.OS, "Haiku");
    assertEquals("wearable", value(WebColumn.DEVICE));
    assertEquals("haiku", value(WebColumn.OS));
  }

  @ParameterizedTest
  @CsvSource({
    "Microsoft Windows, windows",
    "Windows 11, windows",
    "CrOS, chromeos",
    "Chromium OS, chromeos",
    "Mac OS X, macos",
    "KaiOS, kaios",
    "iPadOS, ios"
  })
  void theOperatingSystemThatTheTrackerSaysIsOneOfFewWords(String said, String expected) {
    event(0, "a", null, Input.OS, said);
    assertEquals(expected, value(WebColumn.OS));
  }

  @ParameterizedTest
  @CsvSource({"Unknown", "??", "(not set)", "''"})
  void whatTheTrackerDoesNotKnowTheUserAgentSays(String said) {
    String phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) Mobile/15E148";
    event(0, "a", null, Input.DEVICE_TYPE, said, Input.OS, said, Input.USER_AGENT, phone);
    assertEquals("mobile", value(WebColumn.DEVICE));
    assertEquals("ios", value(WebColumn.OS));
    event(1, "a", null, Input.DEVICE_TYPE, "Tablet");
    assertEquals("tablet", value(WebColumn.DEVICE));
  }

  @Test
  void withoutItsPropertyAColumnIsNull() {
    properties = List.of();
    events.add(new Event(TEN, "e", "home", null, null));
    for (WebColumn column :
        List.of(
            WebColumn.LANDING_PATH,
            WebColumn.REFERRER_HOST,
            WebColumn.UTM_SOURCE,
            WebColumn.SOURCE,
            WebColumn.LAST_SOURCE,
            WebColumn.CHANNEL,
            WebColumn.DEVICE,
            WebColumn.REVENUE,
            WebColumn.USER_ID,
            WebColumn.USER_IDS)) {
      assertNull(value(column), column.text());
    }
    assertEquals("home", value(WebColumn.ENTRY_PAGE));
  }
}
