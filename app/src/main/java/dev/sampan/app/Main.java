package dev.sampan.app;

import dev.sampan.app.cli.Commands;
import dev.sampan.serving.ModelServer;
import java.util.List;

/** Every program of Sampan: the command line, the server, and the programs that built-in images run. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        // The tour and 'predict' name the Ingress' host in the request; Java reads this before its first HTTP client.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        if (arguments.length > 0
                && arguments[0].equals("serve")
                && !List.of(arguments).contains("--help")) {
            // Has flags of its own; reading all other commands first would make half of its start.
            var flags = List.of(arguments).subList(1, arguments.length);
            System.exit(ModelServer.run(flags, System.getenv(), System.out));
        }
        // An explicit exit, because threads that libraries leave behind must not keep a finished command alive.
        System.exit(Commands.run(arguments));
    }
}
