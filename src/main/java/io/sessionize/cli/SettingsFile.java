package io.sessionize.cli;

import io.sessionize.PropertiesFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The properties file of an option, which may hold secrets. */
final class SettingsFile {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsFile.class);

  private SettingsFile() {}

  /**
   * Returns the name of the file, or null. Warns in the log if all users can read it: some
   * platforms mount it like that into a container, where there is no other user.
   */
  static String name(Arguments arguments, Opt opt) {
    String file = arguments.text(opt);
    if (file != null && PropertiesFile.isOpen(file)) {
      LOG.warn(
          "--{} {} can be read by all users of the machine: if it has secrets, allow only its owner"
              + " (chmod 600).",
          opt.longName(),
          file);
    }
    return file;
  }
}
