package io.sessionize.spark.internal;

import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeWriter;
import org.apache.spark.unsafe.types.UTF8String;

/** Writes values that may be null. */
final class UnsafeRows {
  private UnsafeRows() {}

  static void text(UnsafeWriter to, int column, String text) {
    if (text == null) {
      to.setNull8Bytes(column);
    } else {
      to.write(column, UTF8String.fromString(text));
    }
  }

  static void bytes(UnsafeWriter to, int column, byte[] bytes) {
    if (bytes == null) {
      to.setNull8Bytes(column);
    } else {
      to.write(column, bytes);
    }
  }
}
