import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Sends back what it gets on port 7000 until the other side has ended. */
public class Echo {
    public static void main(String[] args) throws IOException {
        try (var server = new ServerSocket(7000, 500, InetAddress.getByName(System.getenv("POD_IP")))) {
            while (true) {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> echo(socket));
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
