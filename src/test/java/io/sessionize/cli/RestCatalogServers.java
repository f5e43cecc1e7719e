package io.sessionize.cli;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A REST catalog and its S3 store, each in its own process, on free ports of loopback. The data of
 * the store is in the folder of the test.
 */
final class RestCatalogServers implements AutoCloseable {
  private static final Path POM = Path.of("src/test/rest-catalog/pom.xml");
  private static final Path CLASS_PATH = Path.of("target/rest-catalog.classpath");
  private static final String LOOPBACK = "127.0.0.1";

  private final Path folder;
  private final List<Launched> processes = new ArrayList<>();
  private String classPath;
  private String store;
  private String catalog;

  private RestCatalogServers(Path folder) {
    this.folder = folder;
  }

  static RestCatalogServers start(Path folder) throws IOException, InterruptedException {
    RestCatalogServers servers = new RestCatalogServers(folder);
    try {
      servers.resolve();
      servers.startStore();
      servers.startCatalog();
      return servers;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      servers.close();
      throw e;
    }
  }

  String catalog() {
    return catalog;
  }

  String store() {
    return store;
  }

  /** Returns the credentials of the store, as environment variables of the AWS SDKs. */
  Map<String, String> credentials() {
    return Map.of(
        "AWS_ACCESS_KEY_ID", "test-key",
        "AWS_SECRET_ACCESS_KEY", "test-secret",
        "AWS_REGION", "us-east-1");
  }

  /** Returns an environment that names a file with the credentials, as in Kubernetes. */
  Map<String, String> credentialsFile() throws IOException {
    Path file = folder.resolve("credentials");
    Files.writeString(
        file,
        String.format(
            "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%n",
            credentials().get("AWS_ACCESS_KEY_ID"), credentials().get("AWS_SECRET_ACCESS_KEY")));
    return Map.of("AWS_SHARED_CREDENTIALS_FILE", file.toString(), "AWS_REGION", "us-east-1");
  }

  /** Returns the jar of Iceberg's bundle of the AWS SDK. */
  String awsBundle() {
    return Arrays.stream(classPath.split(":"))
        .filter(jar -> jar.contains("/iceberg-aws-bundle-"))
        .findFirst()
        .orElseThrow();
  }

  private void resolve() throws IOException, InterruptedException {
    if (!Files.exists(CLASS_PATH)
        || Files.getLastModifiedTime(CLASS_PATH).compareTo(Files.getLastModifiedTime(POM)) < 0) {
      Launched.start(
              folder,
              Map.of(),
              List.of(
                  "./mvnw",
                  "-q",
                  "-B",
                  "-f",
                  POM.toString(),
                  "dependency:build-classpath",
                  "-Dmdep.outputFile=" + CLASS_PATH.toAbsolutePath()))
          .succeeds();
    }
    classPath = Files.readString(CLASS_PATH);
  }

  private void startStore() throws IOException {
    int[] ports = freePorts(8);
    List<String> command = new ArrayList<>();
    command.add(Launched.venv().resolve("bin/weed").toString());
    command.addAll(List.of("-logtostderr=true", "server", "-ip=" + LOOPBACK));
    command.addAll(
        List.of("-ip.bind=" + LOOPBACK, "-dir=" + Files.createDirectory(folder.resolve("s3"))));
    command.addAll(List.of("-filer", "-s3", "-master.volumeSizeLimitMB=64"));
    command.addAll(List.of("-s3.port.iceberg=0", "-s3.port.lance=0"));
    List<String> services = List.of("master", "volume", "filer", "s3");
    for (int i = 0; i < services.size(); i++) {
      command.add("-" + services.get(i) + ".port=" + ports[2 * i]);
      command.add("-" + services.get(i) + ".port.grpc=" + ports[2 * i + 1]);
    }
    Launched weed = Launched.start(folder, credentials(), command);
    processes.add(weed);
    store = "http://" + LOOPBACK + ":" + ports[6];
    weed.await(() -> String.join("\n", weed.err()).contains("Start Seaweed S3 API Server"));
  }

  private void startCatalog() throws IOException {
    Launched server =
        Launched.start(
            folder,
            credentials(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m",
                "-cp",
                classPath,
                "src/test/rest-catalog/RestCatalog.java",
                folder.resolve("catalog.db").toString(),
                "s3://warehouse/sessionize",
                store));
    processes.add(server);
    server.await(() -> !server.out().isEmpty());
    catalog = server.out().get(0);
  }

  /** Returns distinct free ports: all are open at the same time. */
  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      int[] ports = new int[count];
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0));
        ports[i] = sockets.get(i).getLocalPort();
      }
      return ports;
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  @Override
  public void close() {
    processes.forEach(Launched::close);
  }
}
