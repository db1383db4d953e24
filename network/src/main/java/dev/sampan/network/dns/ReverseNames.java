package dev.sampan.network.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/** Addresses written as names. */
final class ReverseNames {

    private static final String V4 = ".in-addr.arpa.";
    private static final String V6 = ".ip6.arpa.";

    private ReverseNames() {}

    /** The address that {@code 1.0.96.127.in-addr.arpa.} stands for, or null for another name. */
    static @Nullable String address(Name name) {
        String text = name.toString().toLowerCase(Locale.ROOT);
        if (text.endsWith(V4)) {
            String[] parts = text.substring(0, text.length() - V4.length()).split("\\.");
            return parts.length == 4 ? v4(parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0]) : null;
        }
        return text.endsWith(V6) ? v6(text.substring(0, text.length() - V6.length())) : null;
    }

    private static @Nullable String v4(String text) {
        try {
            return InetAddress.ofLiteral(text).getHostAddress();
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
    }

    private static @Nullable String v6(String nibbles) {
        String digits = new StringBuilder(nibbles.replace(".", "")).reverse().toString();
        if (digits.length() != 32) {
            return null;
        }
        try {
            return InetAddress.getByAddress(HexFormat.of().parseHex(digits)).getHostAddress();
        } catch (UnknownHostException | IllegalArgumentException notAnAddress) {
            return null;
        }
    }

    /** The address that {@code 127-10-0-1} stands for, or null. */
    static @Nullable InetAddress dashed(String label) {
        try {
            return InetAddress.ofLiteral(label.replace('-', label.matches("[0-9]+(-[0-9]+){3}") ? '.' : ':'));
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
    }
}
