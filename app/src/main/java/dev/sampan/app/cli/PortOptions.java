package dev.sampan.app.cli;

import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.Ports;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The ports of a cluster: what was asked for, else what the cluster had before, else the defaults or a free one. */
final class PortOptions {

    @Option(names = "--api-port", paramLabel = "PORT", description = "Port of the Kubernetes API (default: 6443).")
    private @Nullable Integer api;

    @Option(names = "--ingress-port", paramLabel = "PORT", description = "HTTP port of the ingress (default: 8080).")
    private @Nullable Integer ingress;

    @Option(
            names = "--ingress-tls-port",
            paramLabel = "PORT",
            description = "HTTPS port of the ingress (default: 8443).")
    private @Nullable Integer ingressTls;

    @Option(names = "--node-port", paramLabel = "PORT", description = "Port of the node's API (default: 10250).")
    private @Nullable Integer node;

    /** Chooses every port; one that was named must be free, a default that is taken is replaced. */
    Ports choose(Home home) throws IOException {
        var before = Ports.remembered(home);
        return new Ports(
                choose("--api-port", api, before.api()),
                choose("--ingress-port", ingress, before.ingress()),
                choose("--ingress-tls-port", ingressTls, before.ingressTls()),
                choose("--node-port", node, before.node()));
    }

    private static int choose(String option, @Nullable Integer asked, int before) throws IOException {
        if (asked == null) {
            return Ports.freeOr(before);
        }
        if (asked < 0 || asked > 65535) {
            throw new UserError(option + " " + asked + ": a port is a number from 1 to 65535 (0: any free one).", 2);
        }
        if (asked != 0 && !Ports.isFree(asked)) {
            throw new UserError(option + " " + asked + ": the port is taken on 127.0.0.1 by another program. Stop that"
                    + " program, name another port, or leave the option out to get a free one.");
        }
        return Ports.freeOr(asked);
    }

    static List<String> arguments(Ports ports) {
        return List.of(
                "--api-port", Integer.toString(ports.api()),
                "--ingress-port", Integer.toString(ports.ingress()),
                "--ingress-tls-port", Integer.toString(ports.ingressTls()),
                "--node-port", Integer.toString(ports.node()));
    }
}
