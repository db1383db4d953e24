package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.UserInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fixed tokens that the server was started with. */
public final class StaticTokens implements TokenSource {

    private final Map<String, UserInfo> users;

    StaticTokens(Map<String, UserInfo> users) {
        this.users = Map.copyOf(users);
    }

    /**
     * Reads kube-apiserver's token file: a line {@code token,user,uid} each, and in a fourth, quoted column the groups with
     * commas between them.
     *
     * @throws IllegalArgumentException for a line that is none, with its number
     */
    public static Map<String, UserInfo> read(Path file) {
        try {
            var users = new LinkedHashMap<String, UserInfo>();
            int number = 0;
            for (var line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    var columns = columns(line);
                    if (columns.size() < 3
                            || columns.getFirst().isEmpty()
                            || columns.get(1).isEmpty()) {
                        throw new IllegalArgumentException(
                                "%s, line %d: expected token,user,uid[,\"group,group\"]".formatted(file, number));
                    }
                    users.put(columns.getFirst(), user(columns));
                }
            }
            return users;
        } catch (IOException e) {
            throw new UncheckedIOException("The token file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static UserInfo user(List<String> columns) {
        var groups = new ArrayList<String>();
        if (columns.size() > 3) {
            for (var group : columns.get(3).split(",")) {
                if (!group.isBlank()) {
                    groups.add(group.strip());
                }
            }
        }
        groups.add(UserInfo.ALL_AUTHENTICATED);
        return new UserInfo(columns.get(1), columns.get(2), groups, Map.of());
    }

    private static List<String> columns(String line) {
        var columns = new ArrayList<String>();
        var column = new StringBuilder();
        boolean quoted = false;
        for (char c : line.toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                columns.add(column.toString().strip());
                column.setLength(0);
            } else {
                column.append(c);
            }
        }
        columns.add(column.toString().strip());
        return columns;
    }

    /** Compares with every fixed token in constant time. */
    @Override
    public @Nullable Verified verify(String token, List<String> audiences) {
        UserInfo found = null;
        var bytes = token.getBytes(StandardCharsets.UTF_8);
        for (var entry : users.entrySet()) {
            if (MessageDigest.isEqual(entry.getKey().getBytes(StandardCharsets.UTF_8), bytes)) {
                found = entry.getValue();
            }
        }
        return found == null ? null : TokenSource.forServer(found, audiences);
    }
}
