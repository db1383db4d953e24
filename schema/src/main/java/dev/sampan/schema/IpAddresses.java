package dev.sampan.schema;

/** Literal IP addresses and networks as Go reads them: no names, no leading zeros. */
public final class IpAddresses {

    private IpAddresses() {}

    public static boolean isV4(String text) {
        var parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (var part : parts) {
            if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    public static boolean isV6(String text) {
        if (!text.contains(":") || text.contains(":::") || text.indexOf("::") != text.lastIndexOf("::")) {
            return false;
        }
        var compressed = text.contains("::");
        var body = text;
        int groups = 0;
        int tail = text.lastIndexOf(':');
        if (text.indexOf('.') > tail) {
            if (!isV4(text.substring(tail + 1))) {
                return false;
            }
            groups = 2;
            body = text.substring(0, tail + 1) + (text.startsWith("::", tail - 1) ? "" : "0");
            groups -= text.startsWith("::", tail - 1) ? 0 : 1;
        }
        for (var half : body.split("::", -1)) {
            for (var group : half.isEmpty() ? new String[0] : half.split(":", -1)) {
                if (!group.matches("[0-9a-fA-F]{1,4}")) {
                    return false;
                }
                groups++;
            }
        }
        return compressed ? groups < 8 : groups == 8;
    }

    public static boolean isAddress(String text) {
        return isV4(text) || isV6(text);
    }

    public static boolean isCidr(String text) {
        var slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
            return false;
        }
        var bits = Integer.parseInt(text.substring(slash + 1));
        var address = text.substring(0, slash);
        return isV4(address) && bits <= 32 || isV6(address) && bits <= 128;
    }
}
