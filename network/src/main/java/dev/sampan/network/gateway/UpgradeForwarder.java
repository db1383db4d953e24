package dev.sampan.network.gateway;

import java.io.IOException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;

/** Forwards a request to change the protocol and, if the backend agrees, joins both connections. */
final class UpgradeForwarder {

    private final HttpForwarder forwarder;

    UpgradeForwarder(HttpForwarder forwarder) {
        this.forwarder = forwarder;
    }

    /** @return true when the connection was joined; the response must then only be completed */
    boolean forward(Exchange exchange) throws IOException {
        Request request = exchange.request();
        HttpFields.Mutable fields = HeaderRules.forBackend(request, exchange.host());
        fields.add(HttpHeader.CONNECTION, "Upgrade");
        fields.add(HttpHeader.UPGRADE, String.valueOf(request.getHeaders().get(HttpHeader.UPGRADE)));
        var answer = forwarder.ask(exchange, fields, new RequestBody.Kept(new byte[0], false));
        if (answer.head().status() != 101) {
            forwarder.passOn(answer, exchange);
            return false;
        }
        exchange.response().setStatus(101);
        for (HttpField field : answer.head().fields()) {
            exchange.response().getHeaders().add(field);
        }
        EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
        request.setAttribute(
                HttpStream.UPGRADE_CONNECTION_ATTRIBUTE,
                new Tunnel(client, request.getComponents().getExecutor(), answer.connection()));
        return true;
    }
}
