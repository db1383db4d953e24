package dev.sampan.node.server;

import java.io.IOException;
import java.net.Socket;

/** Connects to ports of one pod. */
@FunctionalInterface
interface Dialer {
    /** @throws IOException with the message that kubectl shows its user */
    Socket dial(int port) throws IOException;
}
