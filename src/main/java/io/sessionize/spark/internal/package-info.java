/**
 * Holds everything that touches Spark's internals, which may change with any release of Spark. It
 * uses {@code job}, {@code row} and the plain packages below them; no other package may import
 * Spark's internals. Start reading at {@link io.sessionize.spark.internal.InternalRows}.
 *
 * <p>All of it was checked with Spark 3.5.7. The last column is the CPU of benchmark A with the
 * public API in its place, measured in pairs by turns on two cores; "n" is the number of pairs.
 *
 * <table>
 *   <caption>What is used, and what it buys</caption>
 *   <tr><th>class</th><th>internals</th><th>why</th><th>public API instead</th></tr>
 *   <tr><td>{@link UserShuffle}, {@link RowShuffle}, {@link CountingRows}</td><td>UnsafeRowSerializer, InternalRow,
 *     submitMapStage</td>
 *     <td>one shuffle, counted on the way, reused by every reader</td><td>1.09 (n=1)</td></tr>
 *   <tr><td>{@link RestateUsers}, {@link SortedRows}, {@link SessionRowReader}, {@link OutcomeRowWriter},
 *     {@link EventWriter}</td><td>Spark's row sorter, InternalRow, unsafe writers</td>
 *     <td>one pass without a plan, generated code and encoders</td><td>D 1.4 (n=2, with the next line)</td></tr>
 *   <tr><td>{@link StoredRows}, {@link StoredFileReader}, {@link TableWriter}, {@link RowDeletes}</td>
 *     <td>InternalRow, which Iceberg's readers and writers for Spark use; the bytes read of a task</td>
 *     <td>tables are read and written without a plan</td><td>see above</td></tr>
 *   <tr><td>{@link InvariantScan}, {@link CheckedUsers}, {@link CheckedRows}</td><td>InternalRow, Spark's row sorter,
 *     unsafe writers</td><td>a check without a plan and generated code</td><td>D with a check: see {@code docs/design.md}</td></tr>
 *   <tr><td>{@link ParquetFooter}, {@link ThriftReader}, {@link ChosenRowGroups}</td><td>Thrift of Iceberg's jar; a file with a
 *     shorter footer, for Iceberg's reader</td><td>a large file has tens of thousands of column chunks</td><td>14
 *     footers of 440 MB files: 3.7 CPU seconds to 1.1</td></tr>
 *   <tr><td>{@link RecordDecoding}, {@link DecodedRowWriter}</td><td>unsafe writers</td>
 *     <td>no generated encoder</td><td>1.10 (n=1)</td></tr>
 *   <tr><td>{@link KeptRows}</td><td>internalCreateDataFrame, UnsafeRow</td><td>persist() converts each row to columns
 *     and back, and clones the session</td><td>1.21 (n=1)</td></tr>
 *   <tr><td>{@link OutcomeCounter}</td><td>InternalRow</td><td>no conversion to Row</td><td>1.03 (n=2)</td></tr>
 *   <tr><td>all of the above</td><td></td><td></td><td>1.51 (n=1)</td></tr>
 *   <tr><td>{@link KafkaRange}</td><td>the metrics of a task, and whether it is to end</td><td>records are read without
 *     Spark's Kafka source and its plan</td><td>1.16 (n=4), with the source in its place</td></tr>
 *   <tr><td>{@link Checkpoint}</td><td>OffsetSeqLog, CommitLog</td><td>reads where a stream would continue</td>
 *     <td>none</td></tr>
 *   <tr><td>{@link CreateTableParser}</td><td>sqlParser, CreateTable</td><td>the statement alone defines a table</td>
 *     <td>none</td></tr>
 *   <tr><td>{@link Signals}</td><td>SignalUtils</td><td>Java has no public API for signals</td><td>none</td></tr>
 * </table>
 */
package io.sessionize.spark.internal;
