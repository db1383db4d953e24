package dev.sampan.node.server;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.jspecify.annotations.Nullable;

/**
 * {@code exec}, {@code attach} and {@code portForward}: accepts the upgrade, to a WebSocket or to SPDY/3.1, and settles which of Kubernetes'
 * protocols is spoken on it. What cannot be served is refused before the upgrade, in plain HTTP.
 */
final class StreamHandler extends Handler.Wrapper {

    private static final String SPDY = "SPDY/3.1";
    private static final String PROTOCOL_HEADER = "X-Stream-Protocol-Version";
    private static final String FORWARD = "portforward.k8s.io";
    private static final String TUNNEL = SPDY + "+" + FORWARD;
    private static final List<String> COMMAND_SOCKET = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");
    private static final List<String> COMMAND_SPDY = List.of("v4.channel.k8s.io");
    private static final List<String> FORWARD_SOCKET = List.of(TUNNEL, "v4.channel.k8s.io");
    private static final int SWITCHING = 101;
    private static final int FORBIDDEN = 403;

    private final PodAccess pods;

    StreamHandler(PodAccess pods) {
        this.pods = pods;
    }

    /** The plain requests and those for SPDY; WebSockets come by {@link #socket}. */
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!StreamRequest.is(Request.getPathInContext(request))) {
            return super.handle(request, response, callback);
        }
        try {
            upgrade(request, response, callback);
        } catch (StreamRequest.Refused e) {
            NodeHandler.text(response, callback, e.status(), String.valueOf(e.getMessage()));
        }
        return true;
    }

    private void upgrade(Request request, Response response, Callback callback) throws StreamRequest.Refused {
        var asked = StreamRequest.of(request, pods);
        var upgrade = request.getHeaders().get(HttpHeader.UPGRADE);
        if (upgrade == null || !upgrade.toUpperCase(Locale.ROOT).equals(SPDY)) {
            throw new StreamRequest.Refused(
                    StreamRequest.BAD_REQUEST, "unable to upgrade: missing upgrade headers in request");
        }
        var offered = Collections.list(request.getHeaders().getValues(PROTOCOL_HEADER)).stream()
                .flatMap(value -> List.of(value.split("\\s*,\\s*")).stream())
                .toList();
        var protocol = agree(asked instanceof StreamRequest.Command ? COMMAND_SPDY : List.of(FORWARD), offered)
                .orElseThrow(() -> new StreamRequest.Refused(
                        FORBIDDEN,
                        "unable to upgrade: unable to negotiate protocol: client supports " + offered
                                + ", this node v4.channel.k8s.io and " + FORWARD));
        var endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        var executor = request.getConnectionMetaData().getConnector().getExecutor();
        request.setAttribute(
                HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new SpdyConnection(endPoint, executor, listener(asked)));
        response.setStatus(SWITCHING);
        response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
        response.getHeaders().put(HttpHeader.UPGRADE, SPDY);
        response.getHeaders().put(PROTOCOL_HEADER, protocol);
        response.write(true, null, callback);
    }

    private Function<SpdySession, SpdySession.Listener> listener(StreamRequest asked) {
        return switch (asked) {
            case StreamRequest.Command command ->
                session -> new SpdyCommand(session, command, new CommandRun(command, pods));
            case StreamRequest.PortForward forward -> session -> new SpdyPortForward(session, dialer(forward));
        };
    }

    private Dialer dialer(StreamRequest.PortForward forward) {
        return port -> pods.dial(forward.namespace(), forward.pod(), port);
    }

    private static Optional<String> agree(List<String> supported, List<String> offered) {
        return supported.stream().filter(offered::contains).findFirst();
    }

    /** The end point of a WebSocket, or null after a refusal. */
    @Nullable
    Object socket(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
        try {
            var asked = StreamRequest.of(request, pods);
            var protocol = agree(
                            asked instanceof StreamRequest.Command ? COMMAND_SOCKET : FORWARD_SOCKET,
                            request.getSubProtocols())
                    .orElseThrow(() -> new StreamRequest.Refused(
                            StreamRequest.BAD_REQUEST,
                            "none of the subprotocols " + request.getSubProtocols() + " is spoken here"));
            response.setAcceptedSubProtocol(protocol);
            return switch (asked) {
                case StreamRequest.Command command -> new ExecSocket(command, new CommandRun(command, pods));
                case StreamRequest.PortForward forward when protocol.equals(TUNNEL) -> new SpdySocket(dialer(forward));
                case StreamRequest.PortForward forward -> new ChannelPortForward(dialer(forward), forward.ports());
            };
        } catch (StreamRequest.Refused e) {
            NodeHandler.text(response, callback, e.status(), String.valueOf(e.getMessage()));
            return null;
        }
    }
}
