package io.sessionize.column.web;

import io.sessionize.column.web.Sources.Kind;
import io.sessionize.column.web.Sources.Site;

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

  /** A link on a page of another site. */
  static Touch of(String host, Site site, String campaign) {
    return site == null
        ? new Touch(host, REFERRAL, campaign)
        : new Touch(site.name(), site.kind().medium(), campaign);
  }

  /**
   * Returns the touch of an event in SQL; null if nothing has led to it.
   *
   * @param sites array of the sites
   *     <p>It names the facts of the event {@code f}: {@code utm_source} and so on, {@code click},
   *     and {@code host}, the one of a new external referrer.
   * @param sites array of the sites
   */
  static String sql(String sites) {
    StringBuilder medium = new StringBuilder("CASE site.kind");
    for (Kind kind : Kind.values()) {
      if (!kind.medium().equals(REFERRAL)) {
        medium.append(String.format(" WHEN '%s' THEN '%s'", kind.text(), kind.medium()));
      }
    }
    medium.append(" ELSE 'referral' END");
    return String.format(
        """
        CASE
            WHEN f.utm_source IS NOT NULL OR f.utm_medium IS NOT NULL THEN named_struct(
              'source', coalesce(f.utm_source, '(not set)'), 'medium', coalesce(f.utm_medium, '(not set)'),
              'campaign', f.utm_campaign)
            WHEN f.click IS NOT NULL THEN named_struct(
              'source', f.click.source, 'medium', f.click.medium, 'campaign', f.utm_campaign)
            WHEN f.host IS NOT NULL THEN try_element_at(transform(
              array(%s),
              site -> named_struct('source', coalesce(site.name, f.host),
                'medium', %s,
                'campaign', f.utm_campaign)), 1)
            WHEN coalesce(f.utm_campaign, f.utm_term, f.utm_content) IS NOT NULL THEN named_struct(
              'source', '(not set)', 'medium', '(not set)', 'campaign', f.utm_campaign)
          END""",
        Sources.siteSql(sites, "f.host"), medium);
  }
}
