package io.sessionize.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What other users of the machine see of its processes. An instance collects every command line
 * that ps shows, at intervals of 200 ms.
 */
final class Processes implements AutoCloseable {
  /** The state in the kernel's table of sockets, and 127.0.0.1 in its two forms. */
  private static final String LISTENS = "0A";

  private static final Set<String> LOOPBACK =
      Set.of("0100007F", "0000000000000000FFFF00000100007F");

  private final Set<String> lines = ConcurrentHashMap.newKeySet();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread looking = new Thread(this::look);

  Processes() {
    looking.start();
  }

  Set<String> lines() {
    return lines;
  }

  private void look() {
    try {
      do {
        Process ps = new ProcessBuilder("ps", "-A", "-ww", "-o", "args").start();
        lines.addAll(new String(ps.getInputStream().readAllBytes(), UTF_8).lines().toList());
      } while (!end.await(200, TimeUnit.MILLISECONDS));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    end.countDown();
    try {
      looking.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Requires that a process listens at 127.0.0.1 only, and at one port at least. */
  static void assertOnlyLoopback(long pid) throws IOException {
    Set<String> sockets = new HashSet<>();
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          sockets.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
          continue;
        }
      }
    }
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] columns = line.strip().split("\\s+");
        if (columns[3].equals(LISTENS) && sockets.contains("socket:[" + columns[9] + "]")) {
          addresses.add(columns[1].split(":")[0]);
        }
      }
    }
    assertFalse(addresses.isEmpty(), "Spark listens nowhere");
    for (String address : addresses) {
      assertTrue(LOOPBACK.contains(address), address);
    }
  }
}
