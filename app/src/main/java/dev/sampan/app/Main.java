package dev.sampan.app;

import dev.sampan.app.cli.Commands;

/** Every program of Sampan: the command line, the server, and the programs that built-in images run. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        // The tour and 'predict' name the Ingress' host in the request; Java reads this before its first HTTP client.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        // An explicit exit, because threads that libraries leave behind must not keep a finished command alive.
        System.exit(Commands.run(arguments));
    }
}
