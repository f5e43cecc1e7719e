package io.sessionize.column.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts of URLs, also of those that {@code java.net.URI} refuses. */
class UrlTest {
  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      nullValues = "-",
      value = {
        "https://www.Shop.example:443/a/b?x=1#y -> shop.example -> /a/b -> x=1",
        "https://shop.example -> shop.example -> / -> -",
        "https://shop.example?x=1 -> shop.example -> / -> x=1",
        "https://shop.example/a b|c?q={x y}&z=%zz -> shop.example -> /a b|c -> q={x y}&z=%zz",
        "//shop.example/a#?x=1 -> shop.example -> /a -> -",
        "https://u:p@ss@shop.example/a -> shop.example -> /a -> -",
        "https://[2001:db8::1]:80/a -> [2001:db8::1] -> /a -> -",
        "android-app://com.example.app/https/x -> com.example.app -> /https/x -> -",
        "/a?x#y -> - -> /a -> x",
        "mailto:me@shop.example -> - -> me@shop.example -> -",
        "https:///a -> - -> /a -> -",
        "shop.example/a:b -> - -> shop.example/a:b -> -"
      })
  void aUrlHasParts(String url, String host, String path, String query) {
    assertEquals(host, Url.host(url));
    assertEquals(path, Url.path(url));
    assertEquals(query, Url.query(url));
  }

  @ParameterizedTest
  @CsvSource({"a+b%20c, a b c", "%C3%BC, ü", "%zz+, %zz+", "50%, 50%", "%4, %4", "%C3%28, \ufffd("})
  void aValueIsDecodedUnlessAnEscapeIsBroken(String value, String decoded) {
    assertEquals(decoded, Url.decoded(value));
  }
}
