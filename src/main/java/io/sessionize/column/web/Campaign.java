package io.sessionize.column.web;

import io.sessionize.column.web.Sources.Click;
import io.sessionize.column.web.Sources.Kind;
import io.sessionize.column.web.Sources.Site;
import io.sessionize.session.Event;
import java.util.List;

/**
 * The campaign of one event: its properties, and for each that it does not have, the parameter of
 * the page's URL.
 *
 * @param facts source, medium, campaign, term and content; each may be null
 * @param click what the click id of the URL stands for; may be null
 */
record Campaign(String[] facts, Click click) {
  private static final Campaign NONE = new Campaign(null, null);
  private static final String PREFIX = "utm_";
  private static final String[] NAMES =
      WebSql.CAMPAIGN.stream()
          .map(input -> input.text().substring(PREFIX.length()))
          .toArray(String[]::new);

  /** Returns the campaign of an event. */
  static Campaign of(Event event, String url, Inputs inputs, List<Click> clicks) {
    String[] facts = null;
    for (int i = 0; i < NAMES.length; i++) {
      String fact = inputs.text(event, WebSql.CAMPAIGN.get(i));
      if (fact != null) {
        facts = facts == null ? new String[NAMES.length] : facts;
        facts[i] = fact;
      }
    }
    int start = url == null ? -1 : Url.queryStart(url);
    return start < 0 ? of(facts, null) : fromUrl(facts, url, start, clicks);
  }

  private static Campaign of(String[] facts, Click click) {
    return facts == null && click == null ? NONE : new Campaign(facts, click);
  }

  private static Campaign fromUrl(String[] given, String url, int start, List<Click> clicks) {
    String[] facts = given;
    int click = clicks.size();
    int end = Url.queryEnd(url, start);
    for (int next, at = start; at < end; at = next + 1) {
      next = url.indexOf('&', at);
      next = next < 0 || next > end ? end : next;
      int value = at;
      while (value < next && url.charAt(value) != '=') {
        value++;
      }
      value++;
      if (value >= next) {
        continue;
      }
      if (url.startsWith(PREFIX, at)) {
        int fact = fact(url, at + PREFIX.length(), value - 1);
        if (fact >= 0 && (facts == null || facts[fact] == null)) {
          facts = facts == null ? new String[NAMES.length] : facts;
          facts[fact] = Url.decoded(url.substring(value, next));
        }
      } else {
        click = Math.min(click, click(url, at, value - 1, clicks));
      }
    }
    return of(facts, click == clicks.size() ? null : clicks.get(click));
  }

  private static int fact(String url, int start, int end) {
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].length() == end - start && url.startsWith(NAMES[i], start)) {
        return i;
      }
    }
    return -1;
  }

  private static int click(String url, int start, int end, List<Click> clicks) {
    for (int i = 0; i < clicks.size(); i++) {
      String parameter = clicks.get(i).parameter();
      if (parameter.length() == end - start && url.startsWith(parameter, start)) {
        return i;
      }
    }
    return clicks.size();
  }

  /**
   * Returns what has led to the event.
   *
   * @param host of a new external referrer; may be null
   * @return null if nothing has
   */
  Touch touch(String host, Sources sources) {
    String campaign = facts == null ? null : facts[2];
    if (facts != null && (facts[0] != null || facts[1] != null)) {
      String source = facts[0] == null && click != null ? click.source() : facts[0];
      String medium = facts[1] == null && click != null ? click.medium() : facts[1];
      Touch touch = new Touch(orNotSet(source), orNotSet(medium), campaign);
      return touch.isDirect() ? null : touch;
    }
    if (click != null) {
      return new Touch(click.source(), click.medium(), campaign);
    }
    Site site = host == null ? null : sources.site(host);
    if (host != null && (site == null || site.kind() != Kind.NONE)) {
      return Touch.of(host, site, campaign);
    }
    return facts == null ? null : new Touch(Touch.NOT_SET, Touch.NOT_SET, campaign);
  }

  private static String orNotSet(String fact) {
    return fact == null ? Touch.NOT_SET : fact;
  }
}
