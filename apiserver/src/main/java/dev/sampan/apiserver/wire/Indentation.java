package dev.sampan.apiserver.wire;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** JSON for people: indented when {@code pretty} says so, and for the programs that people read it with. Pure. */
public final class Indentation {

    private static final List<String> READERS = List.of("curl", "Wget", "Mozilla/5.0");
    private static final List<String> TRUE = List.of("1", "t", "T", "true", "TRUE", "True");

    private Indentation() {}

    /** The answer as the client likes to read it; what is not JSON, and streams, as they are. */
    public static ApiResponse of(ApiRequest request, ApiResponse response) {
        if (!(response instanceof ApiResponse.Complete complete) || !isWanted(request)) {
            return response;
        }
        var types = complete.headers().getOrDefault("content-type", List.of());
        boolean json = !types.isEmpty() && types.getFirst().startsWith(MediaType.JSON);
        return json
                ? new ApiResponse.Complete(complete.status(), complete.headers(), indented(complete.body()))
                : response;
    }

    private static boolean isWanted(ApiRequest request) {
        var pretty = request.parameter("pretty");
        if (!pretty.isEmpty()) {
            return TRUE.contains(pretty);
        }
        var agent = request.header("user-agent");
        if (agent != null && READERS.stream().anyMatch(agent::startsWith)) {
            return true;
        }
        return MediaType.ofAccept(request.headers().get("accept")).stream()
                .limit(1)
                .anyMatch(m -> TRUE.contains(m.parameter("pretty")));
    }

    /** JSON with two spaces a level, as Go writes it; strings and numbers stay byte for byte. */
    static byte[] indented(byte[] json) {
        var out = new ByteArrayOutputStream(json.length * 2);
        int depth = 0;
        boolean text = false;
        for (int i = 0; i < json.length; i++) {
            byte b = json[i];
            if (text) {
                out.write(b);
                if (b == '\\') {
                    out.write(json[++i]);
                }
                text = b != '"';
                continue;
            }
            switch (b) {
                case ' ', '\n', '\r', '\t' -> {}
                case '{', '[' -> {
                    out.write(b);
                    int next = afterSpace(json, i + 1);
                    if (next < json.length && (json[next] == '}' || json[next] == ']')) {
                        out.write(json[next]);
                        i = next;
                    } else {
                        line(out, ++depth);
                    }
                }
                case '}', ']' -> {
                    line(out, --depth);
                    out.write(b);
                }
                case ',' -> {
                    out.write(b);
                    line(out, depth);
                }
                case ':' -> {
                    out.write(b);
                    out.write(' ');
                }
                default -> {
                    out.write(b);
                    text = b == '"';
                }
            }
        }
        return out.toByteArray();
    }

    private static int afterSpace(byte[] json, int from) {
        int i = from;
        while (i < json.length && json[i] <= ' ') {
            i++;
        }
        return i;
    }

    private static void line(ByteArrayOutputStream out, int depth) {
        out.write('\n');
        for (int i = 0; i < depth; i++) {
            out.write(' ');
            out.write(' ');
        }
    }
}
