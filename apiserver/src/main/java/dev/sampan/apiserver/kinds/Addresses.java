package dev.sampan.apiserver.kinds;

import java.util.regex.Pattern;

/** IP addresses as text. Nothing here asks a name server. */
final class Addresses {

    private static final Pattern V4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");

    private Addresses() {}

    static boolean isV4(String text) {
        return V4.matcher(text).matches();
    }

    static boolean isV6(String text) {
        if (text.indexOf(':') < 0 || !text.matches("[0-9a-fA-F:.]+")) {
            return false;
        }
        try {
            // With a colon in it the JDK parses and never resolves.
            java.net.InetAddress.getByName(text);
            return true;
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }

    static void check(Errors errors, Field address) {
        if (!isV4(address.text()) && !isV6(address.text())) {
            errors.invalid(address, address.text(), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }

    static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        var address = text.substring(0, slash);
        int bits = Integer.parseInt(text.substring(slash + 1));
        return (isV4(address) && bits <= 32) || (isV6(address) && bits <= 128);
    }

    /** Whether a block lies within another and is smaller. Both are CIDRs. */
    static boolean isStrictSubset(String inner, String outer) {
        int innerBits = Integer.parseInt(inner.substring(inner.indexOf('/') + 1));
        int outerBits = Integer.parseInt(outer.substring(outer.indexOf('/') + 1));
        var innerStart = octets(inner);
        var outerStart = octets(outer);
        if (innerStart.length != outerStart.length || innerBits <= outerBits) {
            return false;
        }
        for (int bit = 0; bit < outerBits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((innerStart[bit / 8] & mask) != (outerStart[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] octets(String cidr) {
        try {
            // A literal: the JDK parses it and never resolves.
            return java.net.InetAddress.getByName(cidr.substring(0, cidr.indexOf('/')))
                    .getAddress();
        } catch (java.net.UnknownHostException e) {
            return new byte[0];
        }
    }

    static void checkCidr(Errors errors, Field cidr) {
        if (!isCidr(cidr.text())) {
            errors.invalid(cidr, cidr.text(), "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }
}
