package dev.sampan.apiserver.kinds;

/**
 * IPv4 addresses for Services, written as a CIDR; its first and last are not used.
 *
 * @param first the first one that can be used, as a number
 * @param last the last one
 */
record AddressBlock(String cidr, long first, long last) {

    static AddressBlock of(String cidr) {
        int slash = cidr.indexOf('/');
        long size = 1L << (32 - Integer.parseInt(cidr.substring(slash + 1)));
        long base = number(cidr.substring(0, slash)) & -size;
        return new AddressBlock(cidr, base + 1, base + size - 2);
    }

    boolean contains(String address) {
        long number = number(address);
        return number >= first && number <= last;
    }

    long size() {
        return Math.max(0, last - first + 1);
    }

    /** Where the part begins that is handed out first; what is below is left to those who ask for an address (KEP-3070). */
    long upper() {
        return Math.min(first + Math.min(Math.max(16, size() / 16), 256), last);
    }

    /** -1 for anything but an IPv4 address. */
    private static long number(String address) {
        if (!Addresses.isV4(address)) {
            return -1;
        }
        long number = 0;
        for (var part : address.split("\\.")) {
            number = number << 8 | Integer.parseInt(part);
        }
        return number;
    }

    static String text(long number) {
        return (number >> 24 & 255) + "." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
    }
}
