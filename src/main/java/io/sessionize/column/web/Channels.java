package io.sessionize.column.web;

import io.sessionize.column.web.Sources.Kind;
import io.sessionize.column.web.Sources.Site;
import java.util.Locale;
import java.util.Set;

/**
 * The rules of the channels: the "manual" ones of GA4's default channel group, in their order
 * (Google Analytics help, "Default channel group"). Case does not count. The differences are in
 * {@code docs/columns-web.md}.
 */
final class Channels {
  private static final Set<String> NONE = Set.of("(none)", "(not set)");

  /** Media of which a visit from an AI assistant may have one: another one says more. */
  private static final Set<String> NO_OWN_WAY = Set.of("(not set)", "organic", "referral");

  private static final Set<String> DISPLAY =
      Set.of("display", "banner", "expandable", "interstitial", "cpm");
  private static final Set<String> SOCIAL =
      Set.of("social", "social-network", "social-media", "sm", "social network", "social media");
  private static final Set<String> REFERRAL = Set.of("referral", "app", "link");
  private static final Set<String> EMAIL = Set.of("email", "e-mail", "e_mail", "e mail");

  /**
   * The rules in SQL, on {@code t.source}, {@code t.medium}, {@code t.campaign}, {@code t.kind}.
   */
  static final String SQL =
      """
      CASE
          WHEN t.source = '(direct)' AND t.medium IN ('(none)', '(not set)') THEN 'Direct'
          WHEN contains(t.campaign, 'cross-network') THEN 'Cross-network'
          WHEN t.paid AND (t.kind = 'shopping' OR t.shop) THEN 'Paid Shopping'
          WHEN t.paid AND t.kind = 'search' THEN 'Paid Search'
          WHEN t.paid AND t.kind = 'social' THEN 'Paid Social'
          WHEN t.paid AND t.kind = 'video' THEN 'Paid Video'
          WHEN t.medium IN ('display', 'banner', 'expandable', 'interstitial', 'cpm') THEN 'Display'
          WHEN t.paid THEN 'Paid Other'
          WHEN t.medium = 'ai-assistant'
            OR t.kind = 'ai' AND t.medium IN ('(not set)', 'organic', 'referral') THEN 'AI Assistant'
          WHEN t.kind = 'shopping' OR t.shop THEN 'Organic Shopping'
          WHEN t.kind = 'social' OR t.medium IN ('social', 'social-network', 'social-media', 'sm', 'social network',
            'social media') THEN 'Organic Social'
          WHEN t.kind = 'video' OR contains(t.medium, 'video') THEN 'Organic Video'
          WHEN t.kind = 'search' OR t.medium = 'organic' THEN 'Organic Search'
          WHEN t.medium IN ('referral', 'app', 'link') THEN 'Referral'
          WHEN t.source IN ('email', 'e-mail', 'e_mail', 'e mail')
            OR t.medium IN ('email', 'e-mail', 'e_mail', 'e mail') THEN 'Email'
          WHEN t.medium = 'affiliate' THEN 'Affiliates'
          WHEN t.medium = 'audio' THEN 'Audio'
          WHEN t.source = 'sms' OR t.medium = 'sms' THEN 'SMS'
          WHEN endswith(t.medium, 'push') OR contains(t.medium, 'mobile') OR contains(t.medium, 'notification')
            OR t.source = 'firebase' THEN 'Mobile Push Notifications'
          WHEN t.kind = 'ai' THEN 'AI Assistant'
          ELSE 'Unassigned' END""";

  private Channels() {}

  /** Returns the channel of a touch. */
  static String channel(Touch touch, Sources sources) {
    String source = touch.source().toLowerCase(Locale.ROOT);
    String medium = touch.medium().toLowerCase(Locale.ROOT);
    if (source.equals("(direct)") && NONE.contains(medium)) {
      return "Direct";
    }
    String campaign = touch.campaign() == null ? "" : touch.campaign().toLowerCase(Locale.ROOT);
    if (campaign.contains("cross-network")) {
      return "Cross-network";
    }
    Site site = sources.site(source);
    Kind kind = site == null ? null : site.kind();
    boolean shopping = kind == Kind.SHOPPING || isOfShop(campaign);
    boolean paid = isPaid(medium);
    if (paid && shopping) {
      return "Paid Shopping";
    }
    if (paid && kind == Kind.SEARCH) {
      return "Paid Search";
    }
    if (paid && kind == Kind.SOCIAL) {
      return "Paid Social";
    }
    if (paid && kind == Kind.VIDEO) {
      return "Paid Video";
    }
    if (DISPLAY.contains(medium)) {
      return "Display";
    }
    if (paid) {
      return "Paid Other";
    }
    if (medium.equals(Kind.AI.medium()) || kind == Kind.AI && NO_OWN_WAY.contains(medium)) {
      return "AI Assistant";
    }
    if (shopping) {
      return "Organic Shopping";
    }
    return unpaid(kind, source, medium);
  }

  private static String unpaid(Kind kind, String source, String medium) {
    if (kind == Kind.SOCIAL || SOCIAL.contains(medium)) {
      return "Organic Social";
    }
    if (kind == Kind.VIDEO || medium.contains("video")) {
      return "Organic Video";
    }
    if (kind == Kind.SEARCH || medium.equals("organic")) {
      return "Organic Search";
    }
    if (REFERRAL.contains(medium)) {
      return "Referral";
    }
    if (EMAIL.contains(source) || EMAIL.contains(medium)) {
      return "Email";
    }
    if (medium.equals("affiliate")) {
      return "Affiliates";
    }
    if (medium.equals("audio")) {
      return "Audio";
    }
    if (source.equals("sms") || medium.equals("sms")) {
      return "SMS";
    }
    if (medium.endsWith("push")
        || medium.contains("mobile")
        || medium.contains("notification")
        || source.equals("firebase")) {
      return "Mobile Push Notifications";
    }
    return kind == Kind.AI ? "AI Assistant" : "Unassigned";
  }

  /** The medium matches {@code ^(.*cp.*|ppc|retargeting|paid.*)$}. */
  private static boolean isPaid(String medium) {
    return medium.contains("cp")
        || medium.equals("ppc")
        || medium.equals("retargeting")
        || medium.startsWith("paid");
  }

  /** The campaign matches {@code ^(.*(([^a-df-z]|^)shop|shopping).*)$}. */
  private static boolean isOfShop(String campaign) {
    for (int at = campaign.indexOf("shop"); at >= 0; at = campaign.indexOf("shop", at + 1)) {
      char before = at == 0 ? ' ' : campaign.charAt(at - 1);
      if (before < 'a' || before == 'e' || before > 'z' || campaign.startsWith("ping", at + 4)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns {@link #channel} of the first touch in SQL; null if there is none.
   *
   * @param touches array of the touches
   * @param sites array of the sites
   */
  static String sql(String touches, String sites) {
    return String.format(
        """
        try_element_at(transform(transform(transform(slice(%s, 1, 1),
          t -> named_struct('source', lower(t.source), 'medium', lower(t.medium),
            'campaign', lower(coalesce(t.campaign, '')),
            'open', %s)),
          t -> named_struct('source', t.source, 'medium', t.medium, 'campaign', t.campaign,
            'kind', %s,
            'shop', t.campaign RLIKE '([^a-df-z]|^)shop|shopping',
            'paid', contains(t.medium, 'cp') OR t.medium IN ('ppc', 'retargeting')
              OR startswith(t.medium, 'paid'))),
          t -> %s), 1)""",
        touches,
        Sources.openSql("lower(t.source)"),
        Sources.kindSql(Sources.siteSql(sites, "t.source", "t.open")),
        SQL);
  }
}
