package dev.sampan.testkit.e2e;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports below 1024, where Services usually listen; on many systems only root may. */
final class LowPorts {

    private LowPorts() {}

    static boolean areFree() {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.255.255.253", 80));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
