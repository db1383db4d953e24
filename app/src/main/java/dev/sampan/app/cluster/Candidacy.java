package dev.sampan.app.cluster;

import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.client.Clients;
import dev.sampan.client.InProcessApi;
import dev.sampan.client.Informers;
import dev.sampan.client.LeaderElection;
import dev.sampan.client.Timers;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An actor of which one may work at a time on a cluster, however many servers the cluster has. Each term has a client and informers of its own,
 * and after its end that client reaches nothing any more.
 */
final class Candidacy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);

    private final KubernetesClient client;
    private final LeaderElection election;

    /** Makes and starts an actor, which closing stops. */
    @FunctionalInterface
    interface Actor {
        AutoCloseable start(KubernetesClient client, Informers informers);
    }

    /**
     * @param name of the lease and of the actor, as Kubernetes has it
     * @param identity of this server, unlike all others'
     */
    Candidacy(ApiServer api, UserInfo user, String name, String identity, Timers timers, Actor actor) {
        var direct = new ApiInProcess(api, user);
        client = Clients.inProcess(direct);
        election = new LeaderElection(
                client,
                LeaderElection.Config.of(name, identity),
                timers,
                term -> serve(new DuringTerm(name, term, direct), actor));
    }

    /** For one server: its host's name and something that no other has, as Kubernetes does. */
    static String identity() {
        return hostName() + "_" + UUID.randomUUID();
    }

    void start() {
        election.start();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static AutoCloseable serve(InProcessApi api, Actor actor) {
        var steps = new ArrayDeque<AutoCloseable>();
        try {
            var client = Clients.inProcess(api);
            steps.push(client);
            var informers = Informers.over(client);
            steps.push(informers);
            steps.push(actor.start(client, informers));
            return () -> stop(steps);
        } catch (RuntimeException e) {
            stop(steps);
            throw e;
        }
    }

    private static void stop(Deque<AutoCloseable> steps) {
        while (!steps.isEmpty()) {
            try {
                steps.pop().close();
            } catch (Exception e) {
                LOG.warn("stopping what a leader did", e);
            }
        }
    }

    /** Refuses what an actor still asks for when another may have begun already. */
    private record DuringTerm(String name, LeaderElection.Term term, InProcessApi api) implements InProcessApi {

        @Override
        public Response handle(Request request) throws IOException {
            if (!term.lasts()) {
                throw new IOException(name + " leads no more");
            }
            return api.handle(request);
        }
    }

    /** Stops the actor and hands over to another server's. */
    @Override
    public void close() {
        election.close();
        client.close();
    }
}
