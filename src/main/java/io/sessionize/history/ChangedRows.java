package io.sessionize.history;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.timestamp_millis;

import io.sessionize.row.Micros;
import io.sessionize.table.SessionTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.ScanTaskSetManager;
import org.apache.iceberg.spark.SparkReadOptions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the rows in which two snapshots can differ: the rows of data files that only one snapshot
 * has, or that have different delete files. The cost grows with the changes, not with the table.
 */
public final class ChangedRows implements AutoCloseable {
  /** The column with the index of the step that a row belongs to. */
  public static final String STEP = "step";

  /** The column that is true for a row of the later snapshot of its step, false for the earlier. */
  public static final String IS_AFTER = "is_after";

  private static final String FILE = "_file";
  private static final String START = "session_start";
  private static final long DAY_MS = Duration.ofDays(1).toMillis();
  private static final StructType ORIGIN =
      new StructType()
          .add(FILE, DataTypes.StringType)
          .add(STEP, DataTypes.IntegerType)
          .add(IS_AFTER, DataTypes.BooleanType);

  private final SparkSession spark;
  private final String name;
  private final Table table;
  private final List<String> staged = new ArrayList<>();

  /**
   * Two snapshots to compare.
   *
   * @param from null for a table without rows
   */
  public record Step(Long from, long to) {}

  /** A data file with its delete files. */
  private record Content(String file, Set<String> deletes) {
    static Content of(FileScanTask task) {
      Set<String> deletes = new HashSet<>();
      // Deletion vectors share files: the offset distinguishes them.
      task.deletes()
          .forEach(delete -> deletes.add(delete.location() + "@" + delete.contentOffset()));
      return new Content(task.file().location(), deletes);
    }
  }

  /** Scan tasks in which each file occurs once, so that the file name identifies step and side. */
  private static final class Layer {
    private final List<FileScanTask> tasks = new ArrayList<>();
    private final List<Row> origins = new ArrayList<>();
  }

  public ChangedRows(SparkSession spark, SessionTables tables) {
    this(spark, tables.names().sessions(), tables.sessionsTable());
  }

  /**
   * @param name the qualified name of the table
   */
  ChangedRows(SparkSession spark, String name, Table table) {
    this.spark = spark;
    this.name = name;
    this.table = table;
  }

  /**
   * The rows, with the columns of the table and {@link #STEP} (the index in the list) and {@link
   * #IS_AFTER}. Unchanged rows may be included; then they are on both sides.
   *
   * @param filter leaves out files that hold no row for which it is true
   */
  public Dataset<Row> of(List<Step> steps, Expression filter) {
    return of(steps, filter, days -> true);
  }

  /**
   * The same rows of one user whose sessions start between two times. The file lists of a step are
   * planned only if it changed one of these days; the manifests of each step are read.
   *
   * @param fromMs epoch milliseconds
   * @param toMs epoch milliseconds, inclusive
   */
  public Dataset<Row> ofUser(List<Step> steps, String user, long fromMs, long toMs) {
    Expression filter =
        Expressions.and(
            Expressions.equal("uuid", user),
            Expressions.greaterThanOrEqual(START, Micros.ofMs(fromMs)),
            Expressions.lessThanOrEqual(START, Micros.ofMs(toMs)));
    return of(steps, filter, days -> days.isWithin(day(fromMs), day(toMs)))
        .where(col("uuid").equalTo(lit(user)))
        // Iceberg needs the columns of the filter, and Spark reads only those that a query uses.
        .where(col(START).between(timestamp(fromMs), timestamp(toMs)));
  }

  private static Column timestamp(long ms) {
    return timestamp_millis(lit(ms));
  }

  private static LocalDate day(long ms) {
    return LocalDate.ofEpochDay(Math.floorDiv(ms, DAY_MS));
  }

  private Dataset<Row> of(List<Step> steps, Expression filter, Predicate<ChangedDays> isPlanned) {
    List<Layer> layers = new ArrayList<>();
    Map<String, Integer> uses = new HashMap<>();
    for (int step = 0; step < steps.size(); step++) {
      Long from = steps.get(step).from();
      long to = steps.get(step).to();
      ChangedDays days = ChangedDays.between(table, from, to);
      if (!isPlanned.test(days)) {
        continue;
      }
      // Plans only the changed days; else each step would plan the whole table.
      Expression changed = Expressions.and(filter, days.filter());
      Map<Content, FileScanTask> before = plan(from, changed);
      Map<Content, FileScanTask> after = plan(to, changed);
      addMissing(before, after, step, false, uses, layers);
      addMissing(after, before, step, true, uses, layers);
    }
    return layers.stream().map(this::read).reduce(Dataset::union).orElseGet(this::none);
  }

  private Map<Content, FileScanTask> plan(Long snapshot, Expression filter) {
    Map<Content, FileScanTask> plan = new LinkedHashMap<>();
    if (snapshot == null) {
      return plan;
    }
    try (CloseableIterable<FileScanTask> tasks =
        table.newScan().useSnapshot(snapshot).filter(filter).planFiles()) {
      tasks.forEach(task -> plan.put(Content.of(task), task));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return plan;
  }

  private static void addMissing(
      Map<Content, FileScanTask> here,
      Map<Content, FileScanTask> there,
      int step,
      boolean isAfter,
      Map<String, Integer> uses,
      List<Layer> layers) {
    here.forEach(
        (content, task) -> {
          if (!there.containsKey(content)) {
            int use = uses.merge(content.file(), 1, Integer::sum);
            if (use > layers.size()) {
              layers.add(new Layer());
            }
            layers.get(use - 1).tasks.add(task);
            layers.get(use - 1).origins.add(RowFactory.create(content.file(), step, isAfter));
          }
        });
  }

  private Dataset<Row> read(Layer layer) {
    String id = UUID.randomUUID().toString();
    ScanTaskSetManager.get().stageTasks(table, id, layer.tasks);
    staged.add(id);
    Dataset<Row> rows = spark.read().option(SparkReadOptions.SCAN_TASK_SET_ID, id).table(name);
    List<Column> columns = new ArrayList<>(Arrays.stream(rows.columns()).map(rows::col).toList());
    columns.add(col(FILE));
    return rows.select(columns.toArray(Column[]::new))
        .join(broadcast(spark.createDataFrame(layer.origins, ORIGIN)), FILE)
        .drop(FILE);
  }

  private Dataset<Row> none() {
    StructType columns =
        spark
            .table(name)
            .schema()
            .add(STEP, DataTypes.IntegerType)
            .add(IS_AFTER, DataTypes.BooleanType);
    return spark.createDataFrame(List.<Row>of(), columns);
  }

  /** Releases the scan tasks. The rows cannot be read after this. */
  @Override
  public void close() {
    staged.forEach(id -> ScanTaskSetManager.get().removeTasks(table, id));
  }
}
