package io.sessionize.column.web;

import io.sessionize.column.WebSettings;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Session;
import io.sessionize.session.Texts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Computes the columns of sessions, as {@link WebSql} specifies them. */
final class WebPass {
  static final long ENGAGED_MS = 10_000;

  private static final int COLUMNS = WebColumn.values().length;
  private static final String WWW = "www.";

  private final Set<String> views;
  private final Set<String> keyEvents;
  private final List<String> ownEnds;
  private final long capMs;
  private final Inputs inputs;
  private final Sources sources;
  private final Memo devices = new Memo(UserAgents.DEVICE::of);
  private final Memo systems = new Memo(UserAgents.OS::of);

  WebPass(WebSettings settings, Inputs inputs, Sources sources) {
    this.views = Set.copyOf(settings.views());
    this.keyEvents = Set.copyOf(settings.keyEvents());
    this.ownEnds = ownEnds(settings);
    this.capMs = capMs(settings);
    this.inputs = inputs;
    this.sources = sources;
  }

  /** Returns the ends of {@code .host} that make a referrer internal. */
  static List<String> ownEnds(WebSettings settings) {
    return settings.ownHosts().stream()
        .map(host -> host.toLowerCase(Locale.ROOT))
        .map(host -> "." + (host.startsWith(WWW) ? host.substring(WWW.length()) : host))
        .toList();
  }

  static long capMs(WebSettings settings) {
    return settings.activeCapSeconds() * 1000L;
  }

  Object[] values(Session session) {
    List<Event> events = session.events();
    Object[] values = new Object[COLUMNS];
    int viewCount = pages(events, values);
    touches(events, values);
    devices(events, values);
    int keyEventCount = names(events, values);
    set(values, WebColumn.VIEWS, (long) viewCount);
    set(values, WebColumn.KEY_EVENTS, (long) keyEventCount);
    boolean engaged =
        session.endMs() - session.startMs() > ENGAGED_MS || viewCount >= 2 || keyEventCount > 0;
    set(values, WebColumn.ENGAGED, engaged);
    set(values, WebColumn.BOUNCED, !engaged);
    set(values, WebColumn.ACTIVE_SECONDS, activeSeconds(events));
    set(values, WebColumn.REVENUE, revenue(events));
    users(events, values);
    return values;
  }

  private static void set(Object[] values, WebColumn column, Object value) {
    values[column.ordinal()] = value;
  }

  /** Sets the pages; returns the number of views. */
  private int pages(List<Event> events, Object[] values) {
    int count = 0;
    String entry = null;
    String exit = null;
    String landing = null;
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      String page = event.pageName();
      boolean hasPage = page != null && !page.isEmpty();
      if (views.isEmpty() ? hasPage : isNamed(event, views)) {
        count++;
        if (hasPage) {
          entry = entry == null ? page : entry;
          exit = page;
        }
        landing = landing == null ? inputs.text(event, Input.URL) : landing;
      }
    }
    set(values, WebColumn.ENTRY_PAGE, entry);
    set(values, WebColumn.EXIT_PAGE, exit);
    if (landing != null) {
      set(values, WebColumn.LANDING_PATH, Url.path(landing));
      set(values, WebColumn.LANDING_QUERY, Url.query(landing));
    }
    return count;
  }

  /** Whether an event has one of the names, or a type of this name. */
  private static boolean isNamed(Event event, Set<String> names) {
    EventDetails details = event.details();
    return details != null
        && (details.name() != null && names.contains(details.name())
            || details.type() != null && names.contains(details.type()));
  }

  private static String nameOf(Event event) {
    return event.details() == null ? null : event.details().name();
  }

  private void touches(List<Event> events, Object[] values) {
    if (!inputs.hasTouches()) {
      return;
    }
    Set<String> pageHosts = null;
    String referrer = null;
    String referrerHost = null;
    String[] campaign = null;
    Touch first = Touch.DIRECT;
    Touch last = Touch.DIRECT;
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      String url = inputs.text(event, Input.URL);
      Campaign found = Campaign.of(event, url, inputs, sources.clicks());
      campaign = campaign == null ? found.facts() : campaign;
      String given = inputs.text(event, Input.REFERRER);
      String host = null;
      // The page that a script changes keeps its referrer.
      if (given != null && !given.equals(referrer)) {
        referrer = given;
        host = externalHost(given, url);
        if (host != null) {
          pageHosts = pageHosts == null ? pageHosts(events) : pageHosts;
          host = pageHosts.contains(host) ? null : host;
        }
      }
      referrerHost = referrerHost == null ? host : referrerHost;
      Touch touch = found.touch(host, sources);
      if (touch != null) {
        first = first == Touch.DIRECT ? touch : first;
        last = touch;
      }
    }
    set(values, WebColumn.REFERRER_HOST, referrerHost);
    if (campaign != null) {
      System.arraycopy(campaign, 0, values, WebColumn.UTM_SOURCE.ordinal(), WebSql.CAMPAIGN.size());
    }
    set(values, WebColumn.SOURCE, first.source());
    set(values, WebColumn.MEDIUM, first.medium());
    set(values, WebColumn.LAST_SOURCE, last.source());
    set(values, WebColumn.LAST_MEDIUM, last.medium());
    set(values, WebColumn.CHANNEL, Channels.channel(first, sources));
  }

  /** Returns the hosts of all pages of a session: they are of the site. */
  private Set<String> pageHosts(List<Event> events) {
    Set<String> hosts = new HashSet<>();
    for (Event event : events) {
      String url = inputs.text(event, Input.URL);
      String host = url == null ? null : Url.host(url);
      if (host != null) {
        hosts.add(host);
      }
    }
    return hosts;
  }

  /** Returns the host of a referrer; null if it is that of the page or an own host. */
  private String externalHost(String referrer, String url) {
    String host = Url.host(referrer);
    if (host == null) {
      return null;
    }
    for (String end : ownEnds) {
      if (host.endsWith(end) || host.length() == end.length() - 1 && end.endsWith(host)) {
        return null;
      }
    }
    return url != null && host.equals(Url.host(url)) ? null : host;
  }

  private void devices(List<Event> events, Object[] values) {
    String device = firstKnown(events, Input.DEVICE_TYPE);
    String system = firstKnown(events, Input.OS);
    String userAgent =
        device == null || system == null ? firstKnown(events, Input.USER_AGENT) : null;
    set(
        values,
        WebColumn.DEVICE,
        device != null ? UserAgents.SAID_DEVICE.of(device) : ofHeader(devices, userAgent));
    set(
        values,
        WebColumn.OS,
        system != null ? UserAgents.SAID_OS.of(system) : ofHeader(systems, userAgent));
  }

  private static String ofHeader(Memo memo, String userAgent) {
    return userAgent == null ? null : memo.get(userAgent);
  }

  private String firstKnown(List<Event> events, Input input) {
    String text = null;
    for (int i = 0; i < events.size() && text == null && inputs.has(input); i++) {
      text = inputs.text(events.get(i), input);
      text = text == null || UserAgents.isUnknown(text) ? null : text;
    }
    return text;
  }

  /** Sets the events by name; returns the number of key events. */
  private int names(List<Event> events, Object[] values) {
    int keyEventCount = 0;
    int size = 0;
    String[] names = new String[events.size()];
    for (int i = 0; i < names.length; i++) {
      String name = nameOf(events.get(i));
      keyEventCount += isNamed(events.get(i), keyEvents) ? 1 : 0;
      if (name != null && !name.isEmpty()) {
        names[size++] = name;
      }
    }
    Arrays.sort(names, 0, size, Texts::compare);
    List<EventCount> counts = new ArrayList<>(size);
    for (int next, i = 0; i < size; i = next) {
      next = i + 1;
      while (next < size && names[next].equals(names[i])) {
        next++;
      }
      counts.add(new EventCount(names[i], next - i));
    }
    set(values, WebColumn.EVENTS_BY_NAME, counts);
    return keyEventCount;
  }

  private long activeSeconds(List<Event> events) {
    long activeMs = 0;
    for (int i = 1; i < events.size(); i++) {
      activeMs += Math.min(events.get(i).timeMs() - events.get(i - 1).timeMs(), capMs);
    }
    return activeMs / 1000;
  }

  private Double revenue(List<Event> events) {
    Double sum = null;
    for (int i = 0; i < events.size() && inputs.has(Input.REVENUE); i++) {
      Event event = events.get(i);
      // A tracker sends the revenue with the steps before the order too.
      Double revenue = isNamed(event, keyEvents) ? inputs.number(event, Input.REVENUE) : null;
      if (revenue != null) {
        sum = sum == null ? revenue : Double.valueOf(sum + revenue);
      }
    }
    return sum;
  }

  private void users(List<Event> events, Object[] values) {
    if (!inputs.has(Input.USER_ID)) {
      return;
    }
    String last = null;
    List<String> users = List.of();
    Set<String> several = null;
    for (int i = 0; i < events.size(); i++) {
      String user = inputs.text(events.get(i), Input.USER_ID);
      if (user == null || user.equals(last)) {
        continue;
      }
      if (last == null) {
        users = List.of(user);
      } else {
        several = several == null ? new LinkedHashSet<>(users) : several;
        several.add(user);
      }
      last = user;
    }
    set(values, WebColumn.USER_ID, last);
    set(values, WebColumn.USER_IDS, several == null ? users : List.copyOf(several));
  }
}
