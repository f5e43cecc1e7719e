package io.sessionize.spark.internal;

import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes sessions of a site, with odd URLs, sources, names and gaps. */
final class RandomVisits {
  private static final List<String> SCHEMES =
      List.of(
          "https://", "https://", "HTTP://", "//", "", "android-app://", "mailto:", ":", "a b://");
  static final List<String> HOSTS =
      List.of(
          "shop.example",
          "www.shop.example",
          "m.Shop.Example:8443",
          "google.com",
          "www.google.de",
          "news.google.co.uk",
          "mail.google.com",
          "gemini.google.com",
          "accounts.google.com",
          "docs.google.com",
          "user@t.co",
          "[2001:db8::1]:80",
          "[broken",
          "",
          "chatgpt.com",
          "evilgoogle.com",
          "google.com.",
          "google.com.de",
          "com.de",
          "amazon.co.jp",
          "l.facebook.com",
          "bücher.example",
          "EXAMPLE.ORG",
          "a@b@c.example:1:2",
          "www.",
          "blog.google",
          "search.yahoo.co.jp",
          ".google.com",
          "com.google.android.gm",
          "x");
  private static final List<String> PATHS =
      List.of("", "/", "/a b", "/ä/%zz", "/x:y", "/a\nb", "/😀", "a/b:c", "//x", "/\\");
  private static final List<String> QUERIES =
      List.of(
          "",
          "",
          "?",
          "?utm_source=google&utm_medium=cpc",
          "?a=1&utm_campaign=shop%20x",
          "?utm_source=&utm_source=b",
          "?utm_source=%zz&utm_medium=100%",
          "?utm_term=a+b&gclid=",
          "?fbclid=x&gclid=1",
          "?x?utm_source=q",
          "?utm_source==x&&utm_medium",
          "?gclid==",
          "?utm_content=%C3%28%E2%82",
          "?ScCid=1",
          "?utm_sourcex=1&UTM_SOURCE=2",
          "?utm_source=chatgpt.com",
          "?utm_source=%F0%9F%98%80&utm_campaign=a%26b",
          "?utm_campaign=x&msclkid=1",
          "?b=?&wbraid=a=b");
  private static final List<String> FRAGMENTS =
      List.of("", "", "#", "#?utm_source=h", "#/a?b&gclid=1");
  private static final List<String> ODD =
      List.of("$direct", "javascript:void(0)", "not a url", "", "😀", "?", "#", "http:", "://");
  private static final List<String> NAMES =
      List.of("", "page_view", "page_view", "purchase", "click", "it's", "a\\b", "ｚ", "😀", "Ünï");
  private static final List<String> PAGES = List.of("", "home", "home", "search", "ä", "😀");
  static final List<String> SOURCES =
      List.of(
          "",
          "google",
          "Google",
          "google.de",
          "facebook",
          "fb",
          "news",
          "(direct)",
          "email",
          "e mail",
          "sms",
          "firebase",
          "youtube",
          "amazon.com",
          "chatgpt.com",
          "İ",
          "google\n",
          "mail.google.com");
  static final List<String> MEDIA =
      List.of(
          "",
          "cpc",
          "CPM",
          "cpm",
          "ppc",
          "ppc\n",
          "retargeting",
          "paid-social",
          "display",
          "Banner",
          "email",
          "e-mail",
          "affiliate",
          "audio",
          "sms",
          "web-push",
          "mobile",
          "a notification",
          "social",
          "sm",
          "social media",
          "video-ad",
          "organic",
          "referral",
          "app",
          "link",
          "(none)",
          "(not set)",
          "ai-assistant",
          "other");
  static final List<String> CAMPAIGNS =
      List.of(
          "",
          "spring",
          "a Cross-Network b",
          "shop",
          "eshop",
          "workshop",
          "my shop",
          "workshopping",
          "éshop",
          "bishop shop");
  private static final List<String> AGENTS =
      List.of(
          "",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
          "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0 Mobile",
          "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)",
          "Googlebot/2.1",
          "SmartTV",
          "ÄNDROID",
          "Mozilla/5.0 (Linux; Android 10; K)",
          "curl/8.0");
  private static final List<String> DEVICES =
      List.of(
          "", "Desktop", "Mobile", "Phone", "Tablet", "Smart TV", "Robot", "Console", "Ä", "??");
  private static final List<String> SYSTEMS =
      List.of(
          "",
          "iOS",
          "iPhone OS",
          "Mac OS X",
          "Windows",
          "Chrome OS",
          "Haiku",
          "Unknown",
          "(not set)");
  private static final List<String> USERS = List.of("", "", "u-1", "u-1", "u-2", "ü");

  private final Random random;

  RandomVisits(Random random) {
    this.random = random;
  }

  /** A session of one to seven events, several of them at one time now and then. */
  Session session(List<Property> properties) {
    List<Event> events = new ArrayList<>();
    long timeMs = 1_772_359_200_000L;
    int count = 1 + random.nextInt(random.nextBoolean() ? 2 : 7);
    for (int i = 0; i < count; i++) {
      Object[] values = new Object[properties.size()];
      for (int p = 0; p < values.length; p++) {
        values[p] = random.nextInt(3) == 0 ? null : property(properties.get(p));
      }
      events.add(
          new Event(
              timeMs,
              null,
              "e" + i,
              1,
              one(PAGES),
              null,
              random.nextInt(4) == 0
                  ? null
                  : new EventDetails(one(NAMES), random.nextInt(3) == 0 ? one(NAMES) : null, null),
              Properties.of(properties, values)));
      timeMs +=
          random.nextInt(3) == 0 ? 0 : random.nextInt(random.nextBoolean() ? 10_001 : 1_800_000);
    }
    return new Session("u", events, CloseReason.INACTIVITY);
  }

  private String one(List<String> texts) {
    return random.nextInt(5) == 0 ? null : texts.get(random.nextInt(texts.size()));
  }

  private Object property(Property property) {
    PropertyType type = property.type();
    return switch (type.kind()) {
      case STRING -> text(property.name());
      case LONG -> (long) random.nextInt(5) - 1;
      case DOUBLE -> random.nextInt(1000) / 10.0 - 20;
      case BOOLEAN -> random.nextBoolean();
      case DECIMAL -> BigDecimal.valueOf(random.nextLong() >> random.nextInt(60), type.scale());
      case TIMESTAMP -> Instant.ofEpochMilli(random.nextInt());
    };
  }

  private String text(String name) {
    return switch (name) {
      case "url", "referrer" ->
          random.nextInt(10) == 0
              ? one(ODD)
              : one(SCHEMES) + one(HOSTS) + one(PATHS) + one(QUERIES) + one(FRAGMENTS);
      case "utm_source" -> rarely(SOURCES);
      case "utm_medium" -> rarely(MEDIA);
      case "utm_campaign" -> rarely(CAMPAIGNS);
      case "utm_term", "utm_content" -> rarely(List.of("x", "ä+%20"));
      case "user_agent" -> one(AGENTS);
      case "device_type" -> rarely(DEVICES);
      case "os" -> rarely(SYSTEMS);
      case "user_id" -> one(USERS);
      default -> "1.5";
    };
  }

  private String rarely(List<String> texts) {
    return random.nextInt(3) == 0 ? one(texts) : null;
  }
}
