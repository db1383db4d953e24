package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** IPAddresses: each is named as the address that it takes. */
final class IpAddressRules implements KindRules {

    /** IPv6 addresses have colons; what else a name must be is checked here. */
    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public List<FieldError> validate(ObjectNode address) {
        var errors = new Errors();
        var name = Field.of(address, "metadata").at("name");
        if (!Addresses.isV4(name.text()) && !Addresses.isV6(name.text())) {
            errors.invalid(name, "must be a valid IP address");
        } else if (!isCanonical(name.text())) {
            errors.invalid(name, "must be a canonical format IP address");
        }
        var parent = Field.of(address, "spec").at("parentRef");
        if (!parent.present()) {
            errors.required(parent, "");
            return errors.list();
        }
        if (!parent.text("group").isEmpty()) {
            errors.names(parent.at("group"), Names.dns1123Subdomain(parent.text("group")));
        }
        for (var field : List.of("resource", "name")) {
            if (parent.text(field).isEmpty()) {
                errors.required(parent.at(field), "");
            }
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode address, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(
                Field.of(address, "spec").at("parentRef"), Field.of(old, "spec").at("parentRef"));
        return errors.list();
    }

    /** Whether there is no shorter way to write it: RFC 5952 for IPv6. */
    private static boolean isCanonical(String text) {
        return Addresses.isV4(text) || text.equals(shortest(text));
    }

    private static String shortest(String address) {
        byte[] bytes;
        try {
            bytes = InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            return "";
        }
        if (bytes.length == 4) {
            return ""; // an IPv4 address mapped into IPv6
        }
        var groups = new String[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = Integer.toHexString((bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff);
        }
        int[] zeros = longestZeros(groups);
        if (zeros[1] < 2) {
            return String.join(":", groups);
        }
        var head = String.join(":", List.of(groups).subList(0, zeros[0]));
        var tail = String.join(":", List.of(groups).subList(zeros[0] + zeros[1], groups.length));
        return head + "::" + tail;
    }

    /** Where the longest run of zeros begins, and its length. */
    private static int[] longestZeros(String[] groups) {
        int[] best = {0, 0};
        for (int start = 0; start < groups.length; start++) {
            int end = start;
            while (end < groups.length && groups[end].equals("0")) {
                end++;
            }
            if (end - start > best[1]) {
                best = new int[] {start, end - start};
            }
        }
        return best;
    }
}
