import java.net.InetSocketAddress;
import java.util.Map;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Serves Iceberg's REST catalog on a free port of loopback (Iceberg's own main class would take
 * every interface), backed by an SQLite file. Its one line on stdout is its address.
 *
 * <p>Arguments: SQLITE-FILE WAREHOUSE S3-ENDPOINT. Credentials and region are those of the
 * environment, as AWS' tools have them.
 */
class RestCatalog {
  public static void main(String[] arguments) throws Exception {
    JdbcCatalog backend = new JdbcCatalog();
    backend.initialize(
        "backend",
        Map.of(
            "uri", "jdbc:sqlite:" + arguments[0],
            "jdbc.schema-version", "V1",
            "warehouse", arguments[1],
            "io-impl", "org.apache.iceberg.aws.s3.S3FileIO",
            "s3.endpoint", arguments[2],
            "s3.path-style-access", "true"));
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(
        new ServletHolder(new RESTCatalogServlet(new RESTCatalogAdapter(backend))), "/*");
    Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
    server.setHandler(context);
    server.start();
    System.out.println(
        "http://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort());
    server.join();
  }
}
