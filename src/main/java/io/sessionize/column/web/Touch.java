package io.sessionize.column.web;

import io.sessionize.column.web.Sources.Kind;
import io.sessionize.column.web.Sources.Site;
import java.util.Locale;

/**
 * What has led a visitor to the site, as one event says.
 *
 * @param source name of a site or of a campaign's source
 * @param medium kind of the way
 * @param campaign name of the campaign; may be null
 */
record Touch(String source, String medium, String campaign) {
  static final String REFERRAL = "referral";
  static final String NOT_SET = "(not set)";
  static final Touch DIRECT = new Touch("(direct)", "(none)", null);

  /** Whether a campaign says in words that nothing has led to the site. */
  boolean isDirect() {
    return source.toLowerCase(Locale.ROOT).equals(DIRECT.source)
        && medium.toLowerCase(Locale.ROOT).equals(DIRECT.medium);
  }

  /** A link on a page of another site. */
  static Touch of(String host, Site site, String campaign) {
    return site == null
        ? new Touch(host, REFERRAL, campaign)
        : new Touch(site.name(), site.kind().medium(), campaign);
  }

  /**
   * Returns the touches of the events in SQL, without events that have none.
   *
   * @param facts array of the facts of the events
   * @param sites array of the sites
   */
  static String sql(String facts, String sites) {
    StringBuilder medium = new StringBuilder("CASE " + Sources.kindSql("g.site"));
    for (Kind kind : Kind.values()) {
      if (!kind.medium().equals(REFERRAL)) {
        medium.append(String.format(" WHEN '%s' THEN '%s'", kind.text(), kind.medium()));
      }
    }
    medium.append(" ELSE 'referral' END");
    return String.format(
        """
        filter(transform(transform(%s, f -> named_struct('fact', f,
          'site', %s)), g ->
          CASE
            WHEN g.fact.utm_source IS NOT NULL OR g.fact.utm_medium IS NOT NULL THEN named_struct(
              'source', coalesce(g.fact.utm_source, g.fact.click.source, '(not set)'),
              'medium', coalesce(g.fact.utm_medium, g.fact.click.medium, '(not set)'),
              'campaign', g.fact.utm_campaign)
            WHEN g.fact.click IS NOT NULL THEN named_struct(
              'source', g.fact.click.source, 'medium', g.fact.click.medium,
              'campaign', g.fact.utm_campaign)
            WHEN g.fact.host IS NOT NULL AND NOT %s <=> 'none' THEN named_struct(
              'source', coalesce(%s, g.fact.host),
              'medium', %s,
              'campaign', g.fact.utm_campaign)
            WHEN coalesce(g.fact.utm_campaign, g.fact.utm_term, g.fact.utm_content) IS NOT NULL THEN named_struct(
              'source', '(not set)', 'medium', '(not set)', 'campaign', g.fact.utm_campaign)
          END), t -> t IS NOT NULL AND NOT (lower(t.source) = '(direct)' AND lower(t.medium) = '(none)'))""",
        facts,
        Sources.siteSql(sites, "f.host", "f.open"),
        Sources.kindSql("g.site"),
        Sources.nameSql("g.site"),
        medium);
  }
}
