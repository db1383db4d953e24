package dev.sampan.node.server;

import java.util.Optional;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets requests through whose client certificate names one of the known users; TLS has verified the certificate. That the cluster's authority
 * has signed it is not enough: every pod's and user's certificate has that.
 */
final class OnlyKnownUsers extends Handler.Wrapper {

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private final Set<String> users;

    OnlyKnownUsers(Set<String> users, Handler handler) {
        super(handler);
        this.users = Set.copyOf(users);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        var user = user(request);
        if (user.isEmpty()) {
            NodeHandler.text(response, callback, UNAUTHORIZED, "Unauthorized");
            return true;
        }
        if (!users.contains(user.get())) {
            var refusal = "Forbidden (user=%s, verb=%s, resource=nodes, subresource=proxy)";
            NodeHandler.text(response, callback, FORBIDDEN, refusal.formatted(user.get(), request.getMethod()));
            return true;
        }
        return super.handle(request, response, callback);
    }

    private static Optional<String> user(Request request) {
        if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData data
                && data.peerCertificates() != null
                && data.peerCertificates().length > 0) {
            return Optional.of(commonName(
                    data.peerCertificates()[0].getSubjectX500Principal().getName()));
        }
        return Optional.empty();
    }

    private static String commonName(String distinguishedName) {
        try {
            return new LdapName(distinguishedName)
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                            .map(rdn -> rdn.getValue().toString())
                            .findFirst()
                            .orElse("");
        } catch (InvalidNameException e) {
            return ""; // nobody's name
        }
    }
}
