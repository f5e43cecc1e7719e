package io.sessionize.spark.internal;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.encryption.EncryptingFileIO;

/** The positions of the rows of a data file that delete files delete. */
final class DeletedPositions {
  /** A staging table has as many as in {@link StagedKeys}. */
  private static final SoftCache<DeletedPositions> READ = new SoftCache<>(1_000);

  private final PositionDeleteIndex positions;

  private DeletedPositions(PositionDeleteIndex positions) {
    this.positions = positions;
  }

  /** Reads the delete files of a data file. */
  static DeletedPositions of(Table table, FileScanTask file) {
    return new DeletedPositions(load(table, file.deletes(), file.file().location()));
  }

  /** The same, from the memory of the process if it was read before. */
  static DeletedPositions cached(Table table, FileScanTask file) {
    String key = file.file().location() + new TreeSet<>(names(file.deletes()));
    return READ.get(key, () -> of(table, file));
  }

  boolean contains(long position) {
    return positions.isDeleted(position);
  }

  /** All positions, in ascending order. */
  long[] sorted() {
    LongStream.Builder all = LongStream.builder();
    positions.forEach(all::add);
    return all.build().sorted().toArray();
  }

  /** Reads some delete files of the data file at this location. */
  static PositionDeleteIndex load(Table table, List<DeleteFile> deletes, String location) {
    EncryptingFileIO io = EncryptingFileIO.combine(table.io(), table.encryption());
    return new BaseDeleteLoader(io::newInputFile).loadPositionDeletes(deletes, location);
  }

  /** Whether rows of a file are deleted by their values, so that their positions are not known. */
  static boolean areUnknown(FileScanTask one, FileScanTask other) {
    return isByValue(one) || isByValue(other);
  }

  static boolean isByValue(FileScanTask file) {
    return file.deletes().stream()
        .anyMatch(deletes -> deletes.content() == FileContent.EQUALITY_DELETES);
  }

  /** Whether a data file has other deletes in another snapshot. */
  static boolean differ(FileScanTask one, FileScanTask other) {
    return !names(one.deletes()).equals(names(other.deletes()));
  }

  private static Set<String> names(Collection<DeleteFile> deletes) {
    // Deletion vectors share files: the offset distinguishes them.
    return deletes.stream()
        .map(file -> file.location() + "@" + file.contentOffset())
        .collect(Collectors.toSet());
  }
}
