package dev.sampan.node.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pseudo-terminal: the agent holds the master, a container's process opens {@link #device}. Calls the C library, since
 * Java has no terminals. Reads and writes block, so callers use platform threads of their own.
 */
final class Pty implements AutoCloseable {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final long TIOCSWINSZ = 0x5414;
    private static final int NAME = 128;

    /** The functions of the C library that are needed, looked up at the first use. */
    private static final class C {
        private static final Linker LINKER = Linker.nativeLinker();
        static final MethodHandle OPENPT =
                function("posix_openpt", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle GRANTPT =
                function("grantpt", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle UNLOCKPT =
                function("unlockpt", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle PTSNAME = function(
                "ptsname_r",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        static final MethodHandle READ = function(
                "read",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        static final MethodHandle WRITE = function(
                "write",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        static final MethodHandle CLOSE =
                function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle IOCTL = LINKER.downcallHandle(
                LINKER.defaultLookup().find("ioctl").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));

        private static MethodHandle function(String name, FunctionDescriptor type) {
            return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
        }
    }

    private final int master;
    private final Path device;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Pty(int master, Path device) {
        this.master = master;
        this.device = device;
    }

    static Pty open() throws IOException {
        try (var arena = Arena.ofConfined()) {
            int master = (int) C.OPENPT.invokeExact(O_RDWR | O_NOCTTY);
            if (master < 0) {
                throw new IOException("no terminal can be made here (posix_openpt failed)");
            }
            var name = arena.allocate(NAME);
            if ((int) C.GRANTPT.invokeExact(master) != 0
                    || (int) C.UNLOCKPT.invokeExact(master) != 0
                    || (int) C.PTSNAME.invokeExact(master, name, (long) NAME) != 0) {
                int ignored = (int) C.CLOSE.invokeExact(master);
                throw new IOException("no terminal can be made here (unlockpt failed)");
            }
            return new Pty(master, Path.of(name.getString(0, StandardCharsets.UTF_8)));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException("no terminal can be made here: " + e, e);
        }
    }

    /** The side for the container, such as {@code /dev/pts/3}. */
    Path device() {
        return device;
    }

    void resize(int columns, int rows) {
        try (var arena = Arena.ofConfined()) {
            var size = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) rows, (short) columns, (short) 0, (short) 0);
            int ignored = closed.get() ? 0 : (int) C.IOCTL.invokeExact(master, TIOCSWINSZ, size);
        } catch (Throwable e) {
            throw new IllegalStateException("ioctl", e);
        }
    }

    /** What the container's processes write. Ends when none has the terminal open any more. */
    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                var one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return transfer(C.READ, bytes, offset, length);
            }
        };
    }

    /** What the user types. Closing it does not close the terminal; it sends the end-of-file character. */
    OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int at = offset; at < offset + length; ) {
                    int n = transfer(C.WRITE, bytes, at, offset + length - at);
                    if (n < 0) {
                        throw new IOException("the terminal is closed");
                    }
                    at += n;
                }
            }

            @Override
            public void close() throws IOException {
                if (!closed.get()) {
                    write(4); // Control-D
                }
            }
        };
    }

    private int transfer(MethodHandle function, byte[] bytes, int offset, int length) throws IOException {
        if (closed.get() || length == 0) {
            return closed.get() ? -1 : 0;
        }
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(length);
            if (function == C.WRITE) {
                MemorySegment.copy(bytes, offset, buffer, ValueLayout.JAVA_BYTE, 0, length);
            }
            long n = (long) function.invokeExact(master, buffer, (long) length);
            if (n > 0 && function == C.READ) {
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, offset, (int) n);
            }
            return n <= 0 ? -1 : (int) n;
        } catch (Throwable e) {
            throw new IOException("terminal " + device + ": " + e, e);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                int ignored = (int) C.CLOSE.invokeExact(master);
            } catch (Throwable e) {
                throw new IllegalStateException("close", e);
            }
        }
    }
}
