package io.sessionize.spark;

import static java.util.stream.Collectors.joining;

import io.sessionize.Failure;
import io.sessionize.Secrets;
import io.sessionize.spark.internal.ScratchFolder;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of Spark that keep rows and secrets from other users of the machine and from the
 * network. See docs/security.md.
 */
public final class Protection {
  static final String AUTHENTICATE = "spark.authenticate";
  private static final String ENCRYPT_NETWORK = "spark.network.crypto.enabled";
  private static final String ENCRYPT_FILES = "spark.io.encryption.enabled";
  private static final String LOCAL_DIR = "spark.local.dir";
  private static final String LOOPBACK = "127.0.0.1";

  /** Settings with such a key or value are not shown by the event log and the UI. */
  private static final String REDACTION = "spark.redaction.regex";

  /** The variable with which the launcher asks for other permissions than the default. */
  private static final String UMASK = "SESSIONIZE_UMASK";

  private static final String WITHOUT_OTHERS = "027";

  private static final Logger LOG = LoggerFactory.getLogger(Protection.class);

  private Protection() {}

  static boolean isLocal(SparkConf conf) {
    return conf.get("spark.master").matches("local(\\[.*)?");
  }

  /** Adds the settings; of the user's own ones, none is replaced. */
  static void apply(SparkConf conf) {
    String secrets = Secrets.NAME_OR_ADDRESS;
    conf.set(REDACTION, conf.contains(REDACTION) ? secrets + "|" + conf.get(REDACTION) : secrets);
    if (isLocal(conf)) {
      // Spark makes a secret for the process. Other processes then get nothing from its ports.
      conf.setIfMissing(AUTHENTICATE, "true");
      conf.setIfMissing("spark.driver.bindAddress", LOOPBACK);
      conf.setIfMissing("spark.driver.host", LOOPBACK);
      conf.setIfMissing("spark.hadoop.fs.permissions.umask-mode", umask());
    }
  }

  /** Returns the permissions of a new folder with tables. */
  static FileAttribute<Set<PosixFilePermission>> permissionsOfFolder() {
    return permissions(0777);
  }

  /** Returns the permissions of a new file that a command writes; the umask can have fewer. */
  public static FileAttribute<Set<PosixFilePermission>> permissionsOfFile() {
    return permissions(0666);
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(int most) {
    FsPermission all = FsPermission.createImmutable((short) most);
    String allowed = all.applyUMask(new FsPermission(umask())).toString();
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(allowed));
  }

  private static String umask() {
    String umask = System.getenv().getOrDefault(UMASK, WITHOUT_OTHERS);
    if (!umask.matches("0?[0-7]{3}")) {
      throw Failure.usage("%s must be an octal number such as 022, not '%s'.", UMASK, umask);
    }
    return umask;
  }

  /** Creates what the settings of a session need, and warns of those that a cluster lacks. */
  static void prepare(SparkConf conf) {
    if (isLocal(conf)) {
      String parents = conf.get(LOCAL_DIR, System.getProperty("java.io.tmpdir"));
      conf.set(
          LOCAL_DIR,
          List.of(parents.split(",")).stream()
              .map(parent -> ScratchFolder.within(Path.of(parent.strip())).toString())
              .collect(joining(",")));
      return;
    }
    String missing = missingOnCluster(conf);
    if (!missing.isEmpty()) {
      LOG.warn(
          "{} is not true on {}: whoever reaches the ports of driver and executors, or the disks of"
              + " the nodes, can read users' rows and run code. See docs/security.md, On a"
              + " cluster.",
          missing,
          conf.get("spark.master"));
    }
  }

  /** Returns the settings that a cluster should have and does not, separated by commas. */
  static String missingOnCluster(SparkConf conf) {
    return List.of(AUTHENTICATE, ENCRYPT_NETWORK, ENCRYPT_FILES).stream()
        .filter(setting -> !conf.getBoolean(setting, false))
        .collect(joining(", "));
  }
}
